package io.commercewebhooks.console;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.commercewebhooks.config.NearestWord;
import io.commercewebhooks.ledger.LedgerTrouble;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.BeanUtils;
import org.springframework.core.NestedRuntimeException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** What every part of the operators' interface answers when it can't do what it was asked. */
@RestControllerAdvice(annotations = RestController.class)
class ApiProblems {

  private static final Logger LOG = LoggerFactory.getLogger(ApiProblems.class);

  /** To be thrown: the answer is this status with this sentence. */
  static ErrorResponseException problem(HttpStatus status, String detail) {
    return new ErrorResponseException(
        status, ProblemDetail.forStatusAndDetail(status, detail), null);
  }

  @ExceptionHandler
  ProblemDetail problem(ErrorResponseException e) {
    return e.getBody();
  }

  /**
   * Where a filter or {@code dryRun} is misspelt, said twice or left empty by a script, the request
   * would mean more than was meant; so it would where a time is a number, which some count in
   * seconds and others in milliseconds.
   */
  static ObjectMapper strict(ObjectMapper json) {
    return json.copy()
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .registerModule(
            new SimpleModule()
                .addDeserializer(Instant.class, new WrittenTime())
                .addDeserializer(boolean.class, new WrittenYesOrNo()));
  }

  /** A time with its zone, as it is taken in bodies and in addresses alike. */
  static Instant time(String written) {
    return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(written, Instant::from);
  }

  private static final class WrittenTime extends StdScalarDeserializer<Instant> {

    private static final long serialVersionUID = 1L;

    WrittenTime() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        return (Instant) context.handleUnexpectedToken(Instant.class, parser);
      }
      try {
        return time(parser.getText());
      } catch (DateTimeException e) {
        return (Instant) context.handleWeirdStringValue(Instant.class, parser.getText(), "no time");
      }
    }
  }

  /** By itself, null and an empty text would be "no": what was to be counted would be done. */
  private static final class WrittenYesOrNo extends StdScalarDeserializer<Boolean> {

    private static final long serialVersionUID = 1L;

    WrittenYesOrNo() {
      super(boolean.class);
    }

    @Override
    public Boolean deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return parser.currentToken().isBoolean()
          ? parser.getBooleanValue()
          : (Boolean) context.handleUnexpectedToken(boolean.class, parser);
    }

    @Override
    public Boolean getNullValue(DeserializationContext context) throws JsonMappingException {
      return context.reportInputMismatch(this, "null is neither true nor false");
    }

    @Override
    public Boolean getAbsentValue(DeserializationContext context) {
      return false;
    }
  }

  /** A field that the address doesn't take, and what to write instead. */
  static ProblemDetail unknown(UnrecognizedPropertyException e) {
    String name = e.getPropertyName();
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.BAD_REQUEST,
        "\"%s\" is no field that this address takes%s"
            .formatted(
                name,
                NearestWord.instead(
                    name, e.getKnownPropertyIds().stream().map(String::valueOf).toList())));
  }

  @ExceptionHandler({
    HttpMessageNotReadableException.class,
    DateTimeException.class,
    DataIntegrityViolationException.class
  })
  ProblemDetail unreadable(Exception e) {
    if (e.getCause() instanceof UnrecognizedPropertyException unknown) {
      return unknown(unknown);
    }
    if (e.getCause() instanceof MismatchedInputException other && !other.getPath().isEmpty()) {
      String name =
          other.getPath().stream()
              .map(JsonMappingException.Reference::getFieldName)
              .filter(Objects::nonNull)
              .reduce("", (outer, inner) -> inner);
      return unreadable(name, other.getTargetType());
    }
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.BAD_REQUEST, "the request could not be read as what this address takes");
  }

  @ExceptionHandler
  ProblemDetail unreadable(MethodArgumentNotValidException e) {
    String name = e.getFieldErrors().get(0).getField();
    return unreadable(name, BeanUtils.findPropertyType(name, e.getParameter().getParameterType()));
  }

  @ExceptionHandler
  ProblemDetail unreadable(MethodArgumentTypeMismatchException e) {
    return unreadable(e.getName(), e.getRequiredType());
  }

  private static ProblemDetail unreadable(String name, Class<?> type) {
    String form = "what this address takes there";
    if (type == Instant.class) {
      form = "a time, such as 2026-11-30T08:00:00Z";
    } else if (type == String.class) {
      form = "a text";
    } else if (type == Long.class || type == long.class || type == Integer.class) {
      form = "a whole number";
    } else if (type == boolean.class) {
      form = "true or false";
    }
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.BAD_REQUEST, "\"%s\" can't be read as %s".formatted(name, form));
  }

  @ExceptionHandler
  ProblemDetail noReason(Decisions.NoReasonException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
  }

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  ProblemDetail noLedger(NestedRuntimeException e) {
    LOG.warn("api: the ledger did not answer: {}", LedgerTrouble.said(e).orElse(e.getMessage()));
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.SERVICE_UNAVAILABLE, "the ledger does not answer; try again later");
  }
}
