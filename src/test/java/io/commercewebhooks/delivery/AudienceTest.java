package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When mails go out, by the clocks of those who read them. */
class AudienceTest {

  @ParameterizedTest(name = "{0} {1}, {2}, quiet {3}: {4}")
  @CsvSource(
      nullValues = "-",
      value = {
        // at once, and at the end of a quiet time
        "Europe/Berlin, 2026-11-24T12:34:56+01:00, immediately, -, 2026-11-24T12:34:56+01:00",
        "Europe/Berlin, 2026-11-24T12:34:56+01:00, immediately, 20:00-07:00, 2026-11-24T12:34:56+01:00",
        "Europe/Berlin, 2026-11-24T20:00:00+01:00, immediately, 20:00-07:00, 2026-11-25T07:00:00+01:00",
        "Europe/Berlin, 2026-11-24T06:59:59+01:00, immediately, 20:00-07:00, 2026-11-24T07:00:00+01:00",
        "Europe/Berlin, 2026-11-24T07:00:00+01:00, immediately, 20:00-07:00, 2026-11-24T07:00:00+01:00",
        "Europe/Berlin, 2026-11-24T12:30:00+01:00, immediately, 12:00-13:00, 2026-11-24T13:00:00+01:00",
        "America/New_York, 2026-11-24T06:00:00Z, immediately, 20:00-07:00, 2026-11-24T12:00:00Z",
        // on quiet days none, and daily ones on the next that is not
        "Europe/Berlin, 2026-11-27T23:59:59+01:00, immediately, Sat Sun, 2026-11-27T23:59:59+01:00",
        "Europe/Berlin, 2026-11-28T00:00:00+01:00, immediately, Sat Sun, 2026-11-30T00:00:00+01:00",
        "Europe/Berlin, 2026-11-29T12:00:00+01:00, immediately, Sat Sun, 2026-11-30T00:00:00+01:00",
        "Europe/Berlin, 2026-11-27T21:00:00+01:00, immediately, 20:00-07:00 Sat Sun, 2026-11-30T07:00:00+01:00",
        "Europe/Berlin, 2026-11-29T12:00:00+01:00, immediately, 20:00-07:00 Sat Sun, 2026-11-30T07:00:00+01:00",
        "Europe/Berlin, 2026-11-27T23:30:00+01:00, hourly, Sat Sun, 2026-11-30T00:00:00+01:00",
        "Europe/Berlin, 2026-11-27T09:00:00+01:00, daily 08:00, Sat Sun, 2026-11-30T08:00:00+01:00",
        "Europe/Berlin, 2026-11-27T09:00:00+01:00, daily 06:00, 20:00-07:00 Sat Sun, 2026-11-30T07:00:00+01:00",
        "Asia/Dubai, 2026-11-27T20:00:00Z, immediately, Sat, 2026-11-28T20:00:00Z",
        "America/Santiago, 2026-09-05T12:00:00-04:00, immediately, Sat, 2026-09-06T01:00:00-03:00",
        // hourly, also where clocks are half an hour off
        "Europe/Berlin, 2026-11-24T12:34:56+01:00, hourly, -, 2026-11-24T13:00:00+01:00",
        "Europe/Berlin, 2026-11-24T12:00:00+01:00, hourly, -, 2026-11-24T13:00:00+01:00",
        "Asia/Kolkata, 2026-11-24T12:10:00+05:30, hourly, -, 2026-11-24T13:00:00+05:30",
        "Europe/Berlin, 2026-11-24T19:10:00+01:00, hourly, 20:00-07:00, 2026-11-25T07:00:00+01:00",
        // daily, also in the nights that clocks change
        "Europe/Berlin, 2026-11-24T07:59:00+01:00, daily 08:00, -, 2026-11-24T08:00:00+01:00",
        "Europe/Berlin, 2026-11-24T08:00:00+01:00, daily 08:00, -, 2026-11-25T08:00:00+01:00",
        "Europe/Berlin, 2026-10-24T12:00:00+02:00, daily 08:00, -, 2026-10-25T08:00:00+01:00",
        "Europe/Berlin, 2026-03-28T12:00:00+01:00, daily 02:30, -, 2026-03-29T03:30:00+02:00",
        "Europe/Berlin, 2026-11-24T12:00:00+01:00, daily 06:00, 20:00-07:00, 2026-11-25T07:00:00+01:00",
        "Europe/Berlin, 2026-10-25T02:15:00+02:00, daily 02:30, -, 2026-10-25T02:30:00+02:00",
        // also in an hour that comes twice
        "Europe/Berlin, 2026-10-25T02:15:00+01:00, daily 02:30, -, 2026-10-25T02:30:00+01:00",
        "Europe/Berlin, 2026-10-24T23:00:00+02:00, immediately, 20:00-02:30, 2026-10-25T02:30:00+02:00",
        "Europe/Berlin, 2026-10-25T02:45:00+02:00, immediately, 20:00-02:30, 2026-10-25T02:45:00+02:00",
        "Europe/Berlin, 2026-10-25T02:15:00+01:00, immediately, 20:00-02:30, 2026-10-25T02:30:00+01:00",
      })
  void a_mail_goes_out_when_its_readers_want_it(
      String zone, OffsetDateTime now, String send, String quiet, OffsetDateTime due) {
    String[] words = send.split(" ");
    Audience audience =
        new Audience(
            "sales",
            List.of("sales@example.com"),
            "en",
            ZoneId.of(zone),
            new Audience.Sent(
                Audience.Often.valueOf(words[0].toUpperCase()),
                words.length > 1 ? LocalTime.parse(words[1]) : null),
            quiet(quiet == null ? List.of() : List.of(quiet.split(" "))));

    Instant found = audience.due(now.toInstant());

    assertThat(found).isEqualTo(due.toInstant());
    assertThat(audience.due(now.toInstant())).as("the same for all of them").isEqualTo(found);
  }

  /** Hours as {@code 20:00-07:00}, and days by three letters. */
  private static Audience.Quiet quiet(List<String> parts) {
    Audience.Hours hours = null;
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String part : parts) {
      if (part.contains("-")) {
        hours =
            new Audience.Hours(
                LocalTime.parse(part.split("-")[0]), LocalTime.parse(part.split("-")[1]));
      } else {
        days.add(DayOfWeek.from(DateTimeFormatter.ofPattern("EEE", Locale.ENGLISH).parse(part)));
      }
    }
    return new Audience.Quiet(hours, days);
  }
}
