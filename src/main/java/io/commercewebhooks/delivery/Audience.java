package io.commercewebhooks.delivery;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/**
 * Readers who get the same mails.
 *
 * @param to their addresses
 * @param language the folder of words
 * @param timeZone in which they are told times, and in which their day begins
 * @param sent when mails go out to them
 * @param quiet when none do
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

  /** A time of day from which to which no mail goes out; it may go past midnight. */
  record Hours(LocalTime from, LocalTime until) {

    boolean include(LocalTime time) {
      return from.isBefore(until)
          ? !time.isBefore(from) && time.isBefore(until)
          : !time.isBefore(from) || time.isBefore(until);
    }
  }

  /**
   * When no mail goes out.
   *
   * @param hours of each day, or null
   * @param days whole ones, at most six
   */
  record Quiet(Hours hours, Set<DayOfWeek> days) {}

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
    while (isQuiet(due)) {
      due =
          quiet.days().contains(due.getDayOfWeek())
              ? nextDay(due)
              : next(due, quiet.hours().until());
    }
    return due.toInstant();
  }

  private boolean isQuiet(ZonedDateTime time) {
    return quiet.days().contains(time.getDayOfWeek())
        || quiet.hours() != null && quiet.hours().include(time.toLocalTime());
  }

  /** Where a day is quiet, daily mails wait for the time of day of the next one. */
  private ZonedDateTime nextDay(ZonedDateTime day) {
    return sent.often() == Often.DAILY
        ? next(day, sent.at())
        : day.toLocalDate().plusDays(1).atStartOfDay(timeZone);
  }

  /** The next time that clocks here show this time of day; where they are set back, once more. */
  private ZonedDateTime next(ZonedDateTime after, LocalTime time) {
    LocalDate day = after.toLocalDate();
    ZonedDateTime today = ZonedDateTime.ofLocal(day.atTime(time), timeZone, after.getOffset());
    return today.isAfter(after) ? today : ZonedDateTime.of(day.plusDays(1), time, timeZone);
  }
}
