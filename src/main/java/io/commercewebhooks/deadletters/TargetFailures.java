package io.commercewebhooks.deadletters;

import com.fasterxml.jackson.databind.JsonNode;
import io.commercewebhooks.ledger.FailureClasses;
import io.commercewebhooks.ledger.Outcome;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.api.SalesforceMultipleChoicesException;
import org.apache.camel.component.salesforce.api.dto.RestError;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;
import org.springframework.stereotype.Component;

/**
 * Tells failures of the three targets apart: Salesforce by error code first and HTTP status second,
 * the database by Spring's families of exceptions, mail by SMTP reply code. What nobody knows is
 * tried again: a retry costs little, a dead letter costs a person.
 */
@Component
class TargetFailures implements FailureClasses {

  private static final int LONGEST_DETAIL = 500;

  /** Codes that pass although their HTTP status says otherwise. */
  private static final Set<String> PASSING_CODES =
      Set.of(
          "UNABLE_TO_LOCK_ROW",
          "SERVER_UNAVAILABLE",
          "REQUEST_RUNNING_TOO_LONG",
          "QUERY_TIMEOUT",
          "UNKNOWN_EXCEPTION",
          "ALL_OR_NONE_OPERATION_ROLLED_BACK",
          "PROCESSING_HALTED",
          "INVALID_SESSION_ID",
          "REQUEST_LIMIT_EXCEEDED",
          "LOGIN_RATE_EXCEEDED",
          "STORAGE_LIMIT_EXCEEDED",
          "API_DISABLED_FOR_ORG",
          "INVALID_OPERATION_WITH_EXPIRED_PASSWORD");

  /** HTTP status codes that pass when no error code is given. */
  private static final Set<Integer> PASSING_STATUSES = Set.of(0, 401, 408, 420, 429);

  private final SQLExceptionTranslator sql = new SQLStateSQLExceptionTranslator();

  @Override
  public Outcome classify(Throwable failure) {
    List<Throwable> causes = causes(failure);
    for (Throwable cause : causes) {
      if (cause instanceof SalesforceException salesforce) {
        return salesforce(salesforce);
      }
      if (cause instanceof DataAccessException database) {
        return database(database, "SQL");
      }
      if (cause instanceof SQLException database) {
        return database(sql.translate("delivery", null, database), "SQL " + database.getSQLState());
      }
      if (cause instanceof MessagingException mail) {
        return mail(mail);
      }
    }
    Throwable innermost = causes.get(causes.size() - 1);
    return Outcome.retry(innermost.getClass().getSimpleName(), words(innermost));
  }

  @Override
  public Outcome classify(JsonNode errors) {
    JsonNode first = errors.path(0);
    String code = first.path("statusCode").asText(first.path("errorCode").asText("UNKNOWN"));
    String fields = first.path("fields").isEmpty() ? "" : " " + first.path("fields");
    return record(code, cut(first.path("message").asText("") + fields));
  }

  private Outcome salesforce(SalesforceException failure) {
    if (failure instanceof SalesforceMultipleChoicesException) {
      return Outcome.dead(
          "DUPLICATE_EXTERNAL_ID", "several Salesforce records have this external id");
    }
    int status = failure.getStatusCode();
    RestError error =
        failure.getErrors() == null || failure.getErrors().isEmpty()
            ? null
            : failure.getErrors().get(0);
    if (error == null || error.getErrorCode() == null || error.getErrorCode().isBlank()) {
      String code = status == 0 ? "NO_ANSWER" : "HTTP_" + status;
      boolean passes = PASSING_STATUSES.contains(status) || status >= 500;
      List<Throwable> causes = causes(failure);
      String detail = words(status == 0 ? causes.get(causes.size() - 1) : failure);
      return passes ? Outcome.retry(code, detail) : Outcome.dead(code, detail);
    }
    if (status >= 500) {
      return Outcome.retry(error.getErrorCode(), words(failure));
    }
    if (status == 400 && error.getErrorCode().startsWith("invalid_")) {
      return Outcome.retry("LOGIN_REFUSED", words(failure));
    }
    return record(error.getErrorCode(), cut(String.valueOf(error.getMessage())));
  }

  private static Outcome record(String code, String message) {
    boolean passes =
        PASSING_CODES.contains(code)
            || message.contains("UNABLE_TO_LOCK_ROW")
            || message.contains("Foreign key external ID");
    return passes ? Outcome.retry(code, message) : Outcome.dead(code, message);
  }

  private static Outcome database(DataAccessException failure, String code) {
    boolean passes =
        failure == null
            || failure instanceof TransientDataAccessException
            || failure instanceof RecoverableDataAccessException
            || failure instanceof CannotGetJdbcConnectionException
            || failure.getCause() instanceof SQLException cause && isTrouble(cause.getSQLState());
    String detail = failure == null ? "" : words(failure.getMostSpecificCause());
    return passes ? Outcome.retry(code, detail) : Outcome.dead(code, detail);
  }

  /** Connection, resources, operator intervention, system error. */
  private static boolean isTrouble(String state) {
    return state == null || state.matches("(08|40|53|55|57|58|XX).*");
  }

  private static Outcome mail(MessagingException failure) {
    for (Exception e = failure;
        e != null;
        e = e instanceof MessagingException m ? m.getNextException() : null) {
      int reply =
          e instanceof SMTPAddressFailedException address
              ? address.getReturnCode()
              : e instanceof SMTPSendFailedException send ? send.getReturnCode() : 0;
      if (reply >= 500) {
        return Outcome.dead("SMTP_" + reply, words(e));
      }
      if (reply >= 400) {
        return Outcome.retry("SMTP_" + reply, words(e));
      }
    }
    String code = failure instanceof SendFailedException ? "SMTP" : "SMTP_NO_ANSWER";
    return Outcome.retry(code, words(failure));
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }

  private static String words(Throwable failure) {
    return cut(
        failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
  }

  private static String cut(String text) {
    String line = text.strip().replaceAll("\\s*\\R\\s*", " ");
    return line.length() <= LONGEST_DETAIL ? line : line.substring(0, LONGEST_DETAIL) + "…";
  }
}
