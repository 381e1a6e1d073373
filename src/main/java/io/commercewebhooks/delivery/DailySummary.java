package io.commercewebhooks.delivery;

import io.commercewebhooks.ledger.LedgerAccount;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Tells operators once a day how the last day went: what came, what became of it, what waits for a
 * person. A summary that can't be sent is sent at the next look.
 */
@Component
class DailySummary {

  private static final Logger LOG = LoggerFactory.getLogger(DailySummary.class);
  private static final String ROUTE = "direct:delivery-email-summary";

  private final JdbcTemplate ledger;
  private final LedgerAccount account;
  private final Notifications notifications;
  private final ProducerTemplate camel;
  private final Clock clock;

  /** The day whose summary this node could not send at its last try; one line says so. */
  private LocalDate untold;

  DailySummary(
      JdbcTemplate ledger,
      LedgerAccount account,
      Notifications notifications,
      ProducerTemplate camel,
      Clock clock) {
    this.ledger = ledger;
    this.account = account;
    this.notifications = notifications;
    this.camel = camel;
    this.clock = clock;
  }

  /** Sends the summary of today when it is time; one node does. */
  @Scheduled(fixedDelayString = "${ledger.notices.look-each}")
  @SchedulerLock(name = "daily-summary", lockAtMostFor = "PT5M")
  void look() {
    Audience operators = notifications.audience(NotificationsFile.OPERATORS);
    ZonedDateTime now = clock.instant().atZone(operators.timeZone());
    LocalDate day = now.toLocalDate();
    if (now.toLocalTime().isBefore(notifications.inForce().summaryAt()) || isToldOrEmpty(day)) {
      return;
    }
    Exchange told =
        camel.send(
            ROUTE,
            exchange -> {
              exchange.getMessage().setBody(summary(now.toInstant()));
              exchange.setVariable("eventId", "daily-summary " + day);
            });
    if (told.getException() != null) {
      if (!day.equals(untold)) {
        LOG.warn(
            "operators have no summary yet, will try each time: {}",
            told.getException().getMessage());
        untold = day;
      }
      return;
    }
    ledger.update("insert into daily_summary (day) values (?)", Date.valueOf(day));
    LOG.info("operators have the summary of the last day");
  }

  private boolean isToldOrEmpty(LocalDate day) {
    return Boolean.TRUE.equals(
        ledger.queryForObject(
            """
            select exists (select from daily_summary where day = ?)
                or not exists (select from event)
            """,
            Boolean.class,
            Date.valueOf(day)));
  }

  private Map<String, Object> summary(Instant now) {
    Timestamp dayBefore = Timestamp.from(now.minus(Duration.ofDays(1)));
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(
        "received",
        ledger.queryForList(
            """
            select type, count(*) as count from event where received_at > ?
            group by type order by type
            """,
            dayBefore));
    summary.put(
        "targets",
        ledger.queryForList(
            """
            with day as (
              select d.target, count(*) filter (where d.state = 'delivered') as delivered,
                     count(*) filter (where d.state = 'superseded') as superseded
              from event e join delivery d on d.event_sequence = e.sequence
              where e.received_at > ? group by d.target),
            waiting as (
              select target, count(*) as count, min(booked_at) as since from delivery
              where state = 'waiting' and digest is null group by target)
            select target, coalesce(d.delivered, 0) as delivered,
                   coalesce(d.superseded, 0) as superseded, coalesce(w.count, 0) as waiting,
                   to_char(w.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
                   coalesce(t.state, 'active') = 'held' as held, t.reason
            from day d full join waiting w using (target) left join target t on t.name = target
            order by target
            """,
            dayBefore));
    summary.put(
        "rejected",
        ledger.queryForObject(
            "select count(*) from rejected_webhook where received_at > ?", Long.class, dayBefore));
    summary.put("unroutable", account.unroutableKinds());
    summary.put(
        "deadLetters",
        account.causes().stream()
            .map(
                cause ->
                    Map.of(
                        "target", cause.get("target"),
                        "cause", String.valueOf(cause.get("cause_code")),
                        "count", cause.get("count")))
            .toList());
    return summary;
  }
}
