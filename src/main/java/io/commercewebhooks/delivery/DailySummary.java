package io.commercewebhooks.delivery;

import static java.time.temporal.ChronoUnit.SECONDS;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;

import io.commercewebhooks.deadletters.OperatorsMail;
import io.commercewebhooks.ledger.LastDay;
import io.commercewebhooks.ledger.LedgerAccount;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
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

  private final JdbcTemplate ledger;
  private final LedgerAccount account;
  private final LastDay lastDay;
  private final Notifications notifications;
  private final OperatorsMail mail;
  private final Clock clock;

  /** The day whose summary this node could not send at its last try; one line says so. */
  private LocalDate untold;

  DailySummary(
      JdbcTemplate ledger,
      LedgerAccount account,
      LastDay lastDay,
      Notifications notifications,
      OperatorsMail mail,
      Clock clock) {
    this.ledger = ledger;
    this.account = account;
    this.lastDay = lastDay;
    this.notifications = notifications;
    this.mail = mail;
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
    Exception untellable =
        mail.send(
            "daily-summary",
            "daily-summary " + day,
            exchange -> exchange.getMessage().setBody(summary(now.toInstant())));
    if (untellable != null) {
      if (!day.equals(untold)) {
        LOG.warn("operators have no summary yet, will try each time: {}", untellable.getMessage());
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
    LastDay.Figures day = lastDay.figuresNow();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(
        "received",
        day.received().stream()
            .collect(
                groupingBy(
                    LastDay.Received::type, TreeMap::new, summingLong(LastDay.Received::count)))
            .entrySet()
            .stream()
            .map(type -> Map.of("type", type.getKey(), "count", type.getValue()))
            .toList());
    summary.put("targets", account.targets().stream().map(target -> line(target, day)).toList());
    summary.put(
        "rejected",
        ledger.queryForObject(
            "select count(*) from rejected_webhook where received_at > ?",
            Long.class,
            Timestamp.from(now.minus(Duration.ofDays(1)))));
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

  private static Map<String, Object> line(Map<String, Object> target, LastDay.Figures day) {
    Timestamp since = (Timestamp) target.get("oldest_waiting_since");
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("target", target.get("target"));
    for (String state : List.of("delivered", "superseded")) {
      line.put(
          state,
          day.settled().stream()
              .filter(s -> s.target().equals(target.get("target")) && s.state().equals(state))
              .mapToLong(LastDay.Settled::count)
              .sum());
    }
    line.put("waiting", (long) target.get("waiting") - (long) target.get("collected"));
    line.put("since", since == null ? null : since.toInstant().truncatedTo(SECONDS).toString());
    line.put("held", "held".equals(target.get("state")));
    line.put("reason", target.get("reason"));
    return line;
  }
}
