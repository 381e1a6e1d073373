package io.commercewebhooks.deadletters;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenYaml;
import io.commercewebhooks.ledger.Outcome;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the codes of each target mean; {@code config/failures.yaml} has them all, and says what each
 * word means. A word that is not one of these is refused at the start.
 */
@ConfigurationProperties(prefix = "failures", ignoreUnknownFields = false)
public record FailureSettings(Codes salesforce, Codes database, Codes email, Codes http) {

  public FailureSettings {
    http = http == null ? new Codes(null, null, null, null, null, null, null) : http;
  }

  /**
   * Looks whether a file says what it says by words that are known here.
   *
   * @throws CannotStartException with the place of the first that isn't
   */
  public static void check(Path file) {
    List<String> words = names(Codes.class);
    for (WrittenYaml targets : WrittenYaml.read(file).entries(List.of("failures")).values()) {
      for (WrittenYaml target : targets.entries(names(FailureSettings.class)).values()) {
        target
            .entries(words)
            .forEach(
                (word, codes) -> {
                  if (word.equals("clocks")) {
                    codes.entries().values().forEach(WrittenYaml::text);
                  } else {
                    codes.texts();
                  }
                });
      }
    }
  }

  private static List<String> names(Class<? extends Record> settings) {
    return Stream.of(settings.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  /** Codes by what they mean; a list that is not there is empty. */
  public record Codes(
      List<String> retry,
      List<String> parts,
      Map<String, String> clocks,
      List<String> unwell,
      List<String> login,
      List<String> quota,
      List<String> dead) {

    public Codes {
      retry = retry == null ? List.of() : retry;
      parts = parts == null ? List.of() : parts;
      clocks = clocks == null ? Map.of() : clocks;
      unwell = unwell == null ? List.of() : unwell;
      login = login == null ? List.of() : login;
      quota = quota == null ? List.of() : quota;
      dead = dead == null ? List.of() : dead;
    }

    /**
     * What is said about a code, or null when it stands nowhere.
     *
     * @param cause what people read as the code
     */
    Outcome outcome(String code, String cause, String words) {
      if (login.contains(code)) {
        return Outcome.hold(Outcome.Hold.LOGIN, cause, words, null);
      }
      if (quota.contains(code)) {
        return Outcome.hold(Outcome.Hold.QUOTA, cause, words, null);
      }
      if (dead.contains(code)) {
        return Outcome.dead(cause, words);
      }
      if (clocks.containsKey(code)) {
        return Outcome.retry(cause, words, clocks.get(code));
      }
      if (unwell.contains(code)) {
        return Outcome.unwell(cause, words);
      }
      if (parts.contains(code)) {
        return Outcome.tooMuch(cause, words);
      }
      return retry.contains(code) ? Outcome.retry(cause, words) : null;
    }
  }
}
