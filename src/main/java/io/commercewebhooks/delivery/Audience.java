package io.commercewebhooks.delivery;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Readers who get the same mails.
 *
 * @param to their addresses
 * @param language the folder of words
 * @param timeZone in which they are told times, and in which their day begins
 * @param sent when mails go out to them
 * @param quiet when none do, or null
 */
record Audience(
    String name, List<String> to, String language, ZoneId timeZone, Sent sent, Quiet quiet) {

  /** How often mails go out. */
  enum Often {
    /** Each at once. */
    IMMEDIATELY,
    /** Those of an hour as one, at the full hour. */
    HOURLY,
    /** Those of a day as one. */
    DAILY
  }

  /**
   * When mails go out.
   *
   * @param at the time of day of daily ones, else null
   */
  record Sent(Often often, LocalTime at) {}

  /** The time of day from which to which no mail goes out; it may go past midnight. */
  record Quiet(LocalTime from, LocalTime until) {

    boolean includes(LocalTime time) {
      return from.isBefore(until)
          ? !time.isBefore(from) && time.isBefore(until)
          : !time.isBefore(from) || time.isBefore(until);
    }
  }

  /**
   * When a mail that is ready now goes out.
   *
   * @return now, or a later time at which all that waited for it go out as one
   */
  Instant due(Instant now) {
    ZonedDateTime here = now.atZone(timeZone);
    ZonedDateTime due =
        switch (sent.often()) {
          case IMMEDIATELY -> here;
          case HOURLY -> here.truncatedTo(ChronoUnit.HOURS).plusHours(1);
          case DAILY -> next(here, sent.at());
        };
    if (quiet != null && quiet.includes(due.toLocalTime())) {
      due = next(due, quiet.until());
    }
    return due.toInstant();
  }

  /** The next time that clocks here show this time of day; where they are set back, once more. */
  private ZonedDateTime next(ZonedDateTime after, LocalTime time) {
    LocalDate day = after.toLocalDate();
    ZonedDateTime today = ZonedDateTime.ofLocal(day.atTime(time), timeZone, after.getOffset());
    return today.isAfter(after) ? today : ZonedDateTime.of(day.plusDays(1), time, timeZone);
  }
}
