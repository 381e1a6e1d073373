package io.commercewebhooks.deadletters;

import io.commercewebhooks.ledger.Outcome;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** What failures say, told in one line, and without a secret that they quote. */
final class FailureWords {

  /** The ledger cuts them shorter, but only after it took out what they quote. */
  private static final int LONGEST_DETAIL = 20_000;

  /** A Salesforce session: the id of the org, an exclamation mark and the secret. */
  private static final Pattern SESSION = Pattern.compile("00D\\w{12,15}(!|%21)[\\w.%-]+");

  /** What Jakarta Mail takes for the answer of a mail server that closed the connection. */
  static final String END_OF_CONNECTION = "[EOF]";

  /** Whoever was called isn't there, or says nothing. */
  private static final List<Class<? extends IOException>> AWAY =
      List.of(
          SocketException.class,
          InterruptedIOException.class,
          UnknownHostException.class,
          SSLException.class);

  private FailureWords() {}

  static boolean isAway(Throwable cause) {
    return AWAY.stream().anyMatch(kind -> kind.isInstance(cause));
  }

  static Outcome noAnswer(String code, Throwable failure) {
    return Outcome.unwell(code, words(innermost(failure)));
  }

  static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }

  static Throwable innermost(Throwable failure) {
    List<Throwable> causes = causes(failure);
    return causes.get(causes.size() - 1);
  }

  static String words(Throwable failure) {
    String words = failure.getMessage();
    if (failure instanceof EOFException || END_OF_CONNECTION.equals(words)) {
      return "the connection was closed before the answer";
    }
    return words == null ? failure.getClass().getSimpleName() : said(words);
  }

  /** Whom we wanted to talk to, or what we wanted of it, and what came of that. */
  static String bothWords(Throwable failure) {
    String whom = words(failure);
    String what = words(innermost(failure));
    return whom.equals(what) ? whom : whom + ": " + what;
  }

  static String said(String words) {
    return words.stripLeading().startsWith("<")
        ? "a page of HTML instead of an answer"
        : cut(words);
  }

  /** One line, not too long, and without the session that a message may quote. */
  static String cut(String text) {
    String line =
        SESSION.matcher(text.strip().replaceAll("\\s*\\R\\s*", " ")).replaceAll("(session)");
    return line.length() <= LONGEST_DETAIL ? line : line.substring(0, LONGEST_DETAIL) + "…";
  }
}
