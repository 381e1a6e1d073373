package io.commercewebhooks.deadletters;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.deadletters.FailureSettings.Codes;
import io.commercewebhooks.ledger.FailureClasses;
import io.commercewebhooks.ledger.Outcome;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.InternetAddress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLException;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.apache.camel.component.salesforce.api.SalesforceMultipleChoicesException;
import org.apache.camel.component.salesforce.api.dto.RestError;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
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

  /** The ledger cuts them shorter, but only after it took out what they quote. */
  private static final int LONGEST_DETAIL = 20_000;

  /** So many characters of an SQLSTATE are its class. */
  private static final int CLASS = 2;

  private static final Pattern UNKNOWN_COLUMN =
      Pattern.compile("No such column '(\\w+)' on sobject of type (\\w+)");

  /** A trigger or flow had more to do than Salesforce allows for one call. */
  private static final Pattern TRIGGER_LIMIT =
      Pattern.compile("System[.]LimitException|Too many (SOQL|DML|query)|CPU time limit exceeded");

  /** A Salesforce session: the id of the org, an exclamation mark and the secret. */
  private static final Pattern SESSION = Pattern.compile("00D\\w{12,15}(!|%21)[\\w.%-]+");

  /** What Jakarta Mail takes for the answer of a mail server that closed the connection. */
  private static final String END_OF_CONNECTION = "[EOF]";

  /** Whoever was called isn't there, or says nothing. */
  private static final List<Class<? extends IOException>> AWAY =
      List.of(
          SocketException.class,
          InterruptedIOException.class,
          UnknownHostException.class,
          SSLException.class);

  private final FailureSettings settings;
  private final RetryAfter retryAfter;
  private final ObjectMapper json;

  TargetFailures(FailureSettings settings, RetryAfter retryAfter, ObjectMapper json) {
    this.settings = settings;
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
        return mail(mail);
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
    if (causes.stream().anyMatch(TargetFailures::isAway)) {
      return noAnswer("NO_ANSWER", failure);
    }
    Throwable innermost = innermost(failure);
    return Outcome.retry(innermost.getClass().getSimpleName(), words(innermost));
  }

  private static boolean isAway(Throwable cause) {
    return AWAY.stream().anyMatch(kind -> kind.isInstance(cause));
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
            && listed(settings.salesforce(), error.getErrorCode(), "", "") == null;
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
          : noAnswer("NO_ANSWER", failure);
    }
    String code = "HTTP_" + status;
    Outcome listed = listed(settings.salesforce(), code, code, words(failure));
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
    Outcome listed = listed(codes, code, code, message);
    if (listed == null && status >= 500) {
      return Outcome.unwell(code, message);
    }
    return listed == null || listed.kind() == Outcome.Kind.DEAD
        ? Outcome.dead(withField(code, fields, message), message)
        : listed;
  }

  /**
   * What {@code config/failures.yaml} says about a code, or null when it stands nowhere.
   *
   * @param cause what people read as the code
   */
  private static Outcome listed(Codes codes, String code, String cause, String words) {
    if (codes.login().contains(code)) {
      return Outcome.hold(Outcome.Hold.LOGIN, cause, words, null);
    }
    if (codes.quota().contains(code)) {
      return Outcome.hold(Outcome.Hold.QUOTA, cause, words, null);
    }
    if (codes.dead().contains(code)) {
      return Outcome.dead(cause, words);
    }
    if (codes.clocks().containsKey(code)) {
      return Outcome.retry(cause, words, codes.clocks().get(code));
    }
    if (codes.unwell().contains(code)) {
      return Outcome.unwell(cause, words);
    }
    if (codes.parts().contains(code)) {
      return Outcome.tooMuch(cause, words);
    }
    return codes.retry().contains(code) ? Outcome.retry(cause, words) : null;
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
    Codes codes = settings.database();
    String state = failure.getSQLState();
    if (state == null) {
      return noAnswer("SQL_NO_ANSWER", failure);
    }
    String code = "SQL_" + state;
    // what a pool says for want of a connection has the state alone from the server
    String words = words(innermost(failure));
    Outcome listed = listed(codes, state, code, words);
    if (listed == null && state.length() > CLASS) {
      listed = listed(codes, state.substring(0, CLASS), code, words);
    }
    if (listed == null && failure instanceof SQLTransientConnectionException) {
      // who never got in was told nothing about a delivery
      return Outcome.unwell(code, words);
    }
    return listed == null ? Outcome.dead(code, words) : listed;
  }

  /**
   * A mail may have reached some of its readers: those are remembered, and the others' refusals
   * decide. One that may pass is tried again before a final one ends the delivery.
   */
  private Outcome mail(MessagingException failure) {
    if (failure instanceof AuthenticationFailedException) {
      return login(failure);
    }
    List<String> accepted = new ArrayList<>();
    List<Outcome> refusals = new ArrayList<>();
    for (Exception e = failure;
        e != null;
        e = e instanceof MessagingException m ? m.getNextException() : null) {
      if (e instanceof SendFailedException sent) {
        accepted.addAll(addresses(sent.getValidSentAddresses()));
      }
      if (e instanceof SMTPAddressFailedException address) {
        refusals.add(ofReader(refusal(address.getReturnCode(), words(e))));
      } else if (e instanceof SMTPSendFailedException send && !isTaken(send)) {
        Outcome refusal = refusal(send.getReturnCode(), words(e));
        refusals.add(send.getCommand().startsWith("MAIL FROM") ? ofEveryMail(refusal) : refusal);
      }
    }
    if (refusals.isEmpty()) {
      return Outcome.unwell(isOfTls(failure) ? "SMTP_TLS" : "SMTP_NO_ANSWER", bothWords(failure));
    }
    Outcome decisive =
        refusals.stream()
            .filter(refusal -> refusal.kind() != Outcome.Kind.DEAD)
            .findFirst()
            .orElse(refusals.get(0));
    return accepted.isEmpty() ? decisive : decisive.withAccepted(accepted);
  }

  /** What comes of a mail that was taken for some, and tells of the others. */
  private static boolean isTaken(SMTPSendFailedException send) {
    return send.getReturnCode() / 100 == 2;
  }

  /** Too many readers, or a full mailbox (RFC 5321, 4.5.3.1.10), where of a mail it is its size. */
  private static Outcome ofReader(Outcome refusal) {
    return refusal.kind() == Outcome.Kind.DEAD && refusal.code().equals("SMTP_552")
        ? Outcome.retry(refusal.code(), refusal.detail())
        : refusal;
  }

  /** A login that failed was not refused where the connection ended, or with a 4: that passes. */
  private Outcome login(MessagingException failure) {
    String said = String.valueOf(failure.getMessage()).strip();
    if (said.equals(END_OF_CONNECTION)
        || causes(failure).stream().anyMatch(TargetFailures::isAway)) {
      return noAnswer("SMTP_NO_ANSWER", failure);
    }
    if (said.startsWith("334 ")) {
      return Outcome.hold(Outcome.Hold.LOGIN, "SMTP_LOGIN", cut(decoded(said.substring(4))), null);
    }
    return said.matches("(?s)4[0-9]{2}\\b.*")
        ? ofEveryMail(refusal(Integer.parseInt(said.substring(0, 3)), words(failure)))
        : Outcome.hold(Outcome.Hold.LOGIN, "SMTP_LOGIN", words(failure), null);
  }

  /** What Gmail says of a refused access token, before it says 535: JSON in base64. */
  private static String decoded(String challenge) {
    try {
      return new String(Base64.getDecoder().decode(challenge), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return challenge;
    }
  }

  /** A refusal before the server heard of any reader: it says nothing about this mail. */
  private static Outcome ofEveryMail(Outcome refusal) {
    if (refusal.hold() != null) {
      return refusal;
    }
    String code = refusal.kind() == Outcome.Kind.DEAD ? "SMTP_SENDER" : refusal.code();
    return Outcome.unwell(code, refusal.detail());
  }

  /**
   * Whom we wanted to talk to, the mail server or where its tokens come from, and what came of it.
   */
  private static String bothWords(Throwable failure) {
    String whom = words(failure);
    String what = words(innermost(failure));
    return whom.equals(what) ? whom : whom + ": " + what;
  }

  private static boolean isOfTls(MessagingException failure) {
    return failure.getMessage() != null && failure.getMessage().contains("STARTTLS is required")
        || causes(failure).stream().anyMatch(SSLException.class::isInstance);
  }

  /**
   * @param reply less than 400 when there came none that says anything
   */
  private Outcome refusal(int reply, String words) {
    if (reply < 400) {
      return Outcome.unwell("SMTP_NO_ANSWER", words);
    }
    String code = "SMTP_" + reply;
    Outcome listed = listed(settings.email(), "" + reply, code, words);
    if (listed != null) {
      return listed;
    }
    return reply < 500 ? Outcome.retry(code, words) : Outcome.dead(code, words);
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
    Outcome listed = listed(settings.http(), "" + status, code, words);
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

  /** As the audience has them: as a header, some would stand in angle brackets. */
  private static List<String> addresses(Address[] addresses) {
    return addresses == null
        ? List.of()
        : Arrays.stream(addresses)
            .map(one -> one instanceof InternetAddress of ? of.getAddress() : one.toString())
            .toList();
  }

  private static Outcome noAnswer(String code, Throwable failure) {
    return Outcome.unwell(code, words(innermost(failure)));
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }

  private static Throwable innermost(Throwable failure) {
    List<Throwable> causes = causes(failure);
    return causes.get(causes.size() - 1);
  }

  private static String words(Throwable failure) {
    String words = failure.getMessage();
    if (failure instanceof EOFException || END_OF_CONNECTION.equals(words)) {
      return "the connection was closed before the answer";
    }
    return words == null ? failure.getClass().getSimpleName() : said(words);
  }

  private static String said(String words) {
    return words.stripLeading().startsWith("<")
        ? "a page of HTML instead of an answer"
        : cut(words);
  }

  /** One line, not too long, and without the session that a message may quote. */
  private static String cut(String text) {
    String line =
        SESSION.matcher(text.strip().replaceAll("\\s*\\R\\s*", " ")).replaceAll("(session)");
    return line.length() <= LONGEST_DETAIL ? line : line.substring(0, LONGEST_DETAIL) + "…";
  }
}
