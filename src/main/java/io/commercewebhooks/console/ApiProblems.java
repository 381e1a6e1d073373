package io.commercewebhooks.console;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.commercewebhooks.NearestWord;
import java.time.DateTimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
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

  /** Where a filter or {@code dryRun} is misspelt, the request would mean more than was meant. */
  static ObjectMapper strict(ObjectMapper json) {
    return json.copy().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
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
    MethodArgumentNotValidException.class,
    TypeMismatchException.class,
    DateTimeException.class,
    DataIntegrityViolationException.class
  })
  ProblemDetail unreadable(Exception e) {
    return e.getCause() instanceof UnrecognizedPropertyException unknown
        ? unknown(unknown)
        : ProblemDetail.forStatusAndDetail(
            HttpStatus.BAD_REQUEST, "the request could not be read as what this address takes");
  }

  @ExceptionHandler
  ProblemDetail noReason(Decisions.NoReasonException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
  }

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  ProblemDetail noLedger(NestedRuntimeException e) {
    LOG.warn("api: the ledger did not answer: {}", e.getMostSpecificCause().getMessage());
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.SERVICE_UNAVAILABLE, "the ledger does not answer; try again later");
  }
}
