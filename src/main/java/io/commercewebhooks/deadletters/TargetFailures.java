package io.commercewebhooks.deadletters;

import static io.commercewebhooks.deadletters.FailureWords.bothWords;
import static io.commercewebhooks.deadletters.FailureWords.causes;
import static io.commercewebhooks.deadletters.FailureWords.cut;
import static io.commercewebhooks.deadletters.FailureWords.innermost;
import static io.commercewebhooks.deadletters.FailureWords.noAnswer;
import static io.commercewebhooks.deadletters.FailureWords.said;
import static io.commercewebhooks.deadletters.FailureWords.words;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.deadletters.FailureSettings.Codes;
import io.commercewebhooks.ledger.FailureClasses;
import io.commercewebhooks.ledger.Outcome;
import jakarta.mail.MessagingException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLException;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.api.SalesforceMultipleChoicesException;
import org.apache.camel.component.salesforce.api.dto.RestError;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Tells failures of targets apart: Salesforce by error code first and HTTP status second, the
 * database by SQLSTATE, mail by SMTP reply code and recipient, others that speak HTTP by the
 * status. What the codes mean stands in {@code config/failures.yaml}. A failure of any other kind
 * is tried again: a retry costs little, a dead letter costs a person.
 */
@Component
class TargetFailures implements FailureClasses {

  private static final int GONE = 410;

  /** So many characters of an SQLSTATE are its class. */
  private static final int CLASS = 2;

  private static final Pattern UNKNOWN_COLUMN =
      Pattern.compile("No such column '(\\w+)' on sobject of type (\\w+)");

  /** A trigger or flow had more to do than Salesforce allows for one call. */
  private static final Pattern TRIGGER_LIMIT =
      Pattern.compile("System[.]LimitException|Too many (SOQL|DML|query)|CPU time limit exceeded");

  private final FailureSettings settings;
  private final MailFailures mails;
  private final RetryAfter retryAfter;
  private final ObjectMapper json;

  TargetFailures(FailureSettings settings, RetryAfter retryAfter, ObjectMapper json) {
    this.settings = settings;
    this.mails = new MailFailures(settings.email());
    this.retryAfter = retryAfter;
    this.json = json;
  }

  @Override
  public Outcome classify(Throwable failure) {
    List<Throwable> causes = causes(failure);
    for (Throwable cause : causes) {
      if (cause instanceof SalesforceException salesforce) {
        return salesforce(salesforce);
      }
      if (cause instanceof SQLException database) {
        return database(database);
      }
      if (cause instanceof MessagingException mail) {
        return mails.classify(mail);
      }
      if (cause instanceof UnreadableAnswerException) {
        return Outcome.unwell("UNREADABLE_ANSWER", words(cause));
      }
      if (cause instanceof HttpOperationFailedException answer) {
        return http(answer);
      }
    }
    if (causes.stream().anyMatch(DataAccessException.class::isInstance)) {
      return noAnswer("SQL_NO_ANSWER", failure);
    }
    if (causes.stream().anyMatch(FailureWords::isAway)) {
      return away(failure);
    }
    Throwable innermost = innermost(failure);
    return Outcome.retry(innermost.getClass().getSimpleName(), words(innermost));
  }

  /** It isn't there, or shows that it is another, or may be. */
  private static Outcome away(Throwable failure) {
    return byCertificate(failure).orElseGet(() -> noAnswer("NO_ANSWER", failure));
  }

  private static Optional<Outcome> byCertificate(Throwable failure) {
    return causes(failure).stream()
        .filter(SSLException.class::isInstance)
        .filter(cause -> innermost(cause) instanceof GeneralSecurityException)
        .findFirst()
        .map(cause -> Outcome.unwell("CERTIFICATE", bothWords(cause)));
  }

  @Override
  public Outcome classify(JsonNode errors) {
    return byError(errors.path(0), 0);
  }

  private Outcome byError(JsonNode error, int status) {
    String code = error.path("statusCode").asText(error.path("errorCode").asText("UNKNOWN"));
    String fields =
        StreamSupport.stream(error.path("fields").spliterator(), false)
            .map(JsonNode::asText)
            .collect(Collectors.joining(","));
    return byCode(code, fields, cut(error.path("message").asText("")), status);
  }

  private Outcome salesforce(SalesforceException failure) {
    if (failure instanceof SalesforceMultipleChoicesException) {
      return Outcome.dead("DUPLICATE_EXTERNAL_ID", "several records have this external id");
    }
    int status = failure.getStatusCode();
    Duration asked = status == 429 || status == 503 ? retryAfter.take() : null;
    if (asked != null) {
      return Outcome.hold(Outcome.Hold.ASKED, "HTTP_" + status, words(failure), asked);
    }
    List<RestError> errors = failure.getErrors();
    RestError error = errors == null || errors.isEmpty() ? null : errors.get(0);
    if (error == null || error.getErrorCode() == null || error.getErrorCode().isBlank()) {
      JsonNode said = errorIn(failure.getMessage());
      return said == null ? byStatus(status, failure) : byError(said, status);
    }
    // The token endpoint speaks OAuth: invalid_client, invalid_grant and the like.
    boolean login =
        status == 400
            && error.getErrorCode().matches("[a-z_]+")
            && settings.salesforce().outcome(error.getErrorCode(), "", "") == null;
    String fields = error.getFields() == null ? "" : String.join(",", error.getFields());
    return byCode(
        login ? "LOGIN_REFUSED" : error.getErrorCode(),
        fields,
        cut(String.valueOf(error.getMessage())),
        status);
  }

  /**
   * The raw operation of Camel keeps the answer's body, unread, as the message; null if no error.
   */
  private JsonNode errorIn(String body) {
    try {
      JsonNode error = json.readTree(body == null ? "" : body).path(0);
      return error.path("errorCode").isTextual() ? error : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private Outcome byStatus(int status, SalesforceException failure) {
    if (status == 0) {
      Throwable innermost = innermost(failure);
      // the client itself refuses, e.g. an address that is too long: Salesforce was never asked
      if (innermost instanceof IllegalArgumentException) {
        return Outcome.dead("NOT_ASKED", words(innermost));
      }
      return innermost instanceof JsonProcessingException
          ? Outcome.unwell("UNREADABLE_ANSWER", "the answer to the sign-in can't be read")
          : away(failure);
    }
    String code = "HTTP_" + status;
    Outcome listed = settings.salesforce().outcome(code, code, words(failure));
    if (listed != null) {
      return listed;
    }
    boolean login = failure.getMessage() != null && failure.getMessage().startsWith("Login error");
    if (status >= 500 || status == 408 || status == 429 || status == 401 && !login) {
      return Outcome.unwell(code, words(failure));
    }
    return login
        ? Outcome.hold(Outcome.Hold.LOGIN, "LOGIN_REFUSED", words(failure), null)
        : Outcome.dead(code, words(failure));
  }

  private Outcome byCode(String said, String fields, String message, int status) {
    Codes codes = settings.salesforce();
    String code = message.contains("Foreign key external ID") ? "FOREIGN_KEY_NOT_FOUND" : said;
    // A trigger's failure is wrapped; what it met inside decides.
    code = message.contains("UNABLE_TO_LOCK_ROW") ? "UNABLE_TO_LOCK_ROW" : code;
    // What is too much for a whole batch need not be too much for a part of it.
    code = TRIGGER_LIMIT.matcher(message).find() ? "TRIGGER_LIMIT" : code;
    Outcome listed = codes.outcome(code, code, message);
    if (listed == null && status == GONE) {
      // of the API's version, and so the same for all, by whatever word
      listed = codes.outcome("HTTP_410", "HTTP_410", message);
    }
    if (listed == null && status >= 500) {
      return Outcome.unwell(code, message);
    }
    return listed == null || listed.kind() == Outcome.Kind.DEAD
        ? Outcome.dead(withField(code, fields, message), message)
        : listed;
  }

  /** The field is part of the cause: an admin mends one field, and all that fail by it can go. */
  private static String withField(String code, String fields, String message) {
    Matcher column = UNKNOWN_COLUMN.matcher(message);
    if (column.find()) {
      return code + " " + column.group(2) + "." + column.group(1);
    }
    return fields.isEmpty() ? code : code + " " + fields;
  }

  private Outcome database(SQLException failure) {
    return byCertificate(failure).orElseGet(() -> byState(failure));
  }

  private Outcome byState(SQLException failure) {
    Codes codes = settings.database();
    String state = failure.getSQLState();
    if (state == null) {
      return noAnswer("SQL_NO_ANSWER", failure);
    }
    String code = "SQL_" + state;
    // what a pool says for want of a connection has the state alone from the server
    String words = words(innermost(failure));
    Outcome listed = codes.outcome(state, code, words);
    if (listed == null && state.length() > CLASS) {
      listed = codes.outcome(state.substring(0, CLASS), code, words);
    }
    if (listed == null && failure instanceof SQLTransientConnectionException) {
      // who never got in was told nothing about a delivery
      return Outcome.unwell(code, words);
    }
    return listed == null ? Outcome.dead(code, words) : listed;
  }

  /** A target of one's own; its address may hold a secret, and is not told. */
  private Outcome http(HttpOperationFailedException failure) {
    int status = failure.getStatusCode();
    String code = "HTTP_" + status;
    String body = failure.getResponseBody();
    String words =
        body == null || body.isBlank() ? String.valueOf(failure.getStatusText()) : said(body);
    Duration asked = status == 429 || status == 503 ? askedBy(failure) : null;
    if (asked != null) {
      return Outcome.hold(Outcome.Hold.ASKED, code, words, asked);
    }
    Outcome listed = settings.http().outcome("" + status, code, words);
    if (listed != null) {
      return listed;
    }
    return status >= 500 ? Outcome.unwell(code, words) : Outcome.dead(code, words);
  }

  private static Duration askedBy(HttpOperationFailedException failure) {
    Map<String, String> headers = failure.getResponseHeaders();
    return headers == null
        ? null
        : headers.entrySet().stream()
            .filter(header -> header.getKey().equalsIgnoreCase("Retry-After"))
            .findFirst()
            .map(header -> RetryAfter.parse(header.getValue(), Instant.now()))
            .orElse(null);
  }
}
