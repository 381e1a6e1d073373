package io.commercewebhooks.deadletters;

import io.commercewebhooks.intake.SignatureRefusedException;
import io.commercewebhooks.ledger.Balance;
import io.commercewebhooks.ledger.DeadLetters;
import io.commercewebhooks.ledger.LedgerAccount;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * What operators are told: dead letters by cause, deliveries that fail for long by theirs,
 * unroutable events by kind, targets on hold, webhooks refused for their time, many that are not
 * proved, what the schemas don't know, a sender that has fallen silent, and a balance that doesn't
 * add up. Once per subject and hour, also when it comes and goes; again after an hour when there
 * are more; and once when it is gone. Of what somebody said to see to, once is enough. One node
 * tells; a notice that can't be sent is sent at the next look.
 */
@Component
public class Notices {

  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

  /** Of so many kinds of unroutable event operators have a mail each. */
  private static final int MOST_KINDS = 20;

  private final JdbcTemplate ledger;
  private final LedgerAccount account;
  private final DeadLetters deadLetters;
  private final Balance balance;
  private final Advice advice;
  private final OperatorsMail operators;
  private final Duration againAfter;
  private final Duration failingFor;
  private final Duration silentFor;
  private final int tellOfUnproved;

  /** Subjects whose mail this node could not send at its last try; one line says so of each. */
  private final Set<String> untold = ConcurrentHashMap.newKeySet();

  Notices(
      JdbcTemplate ledger,
      LedgerAccount account,
      DeadLetters deadLetters,
      Balance balance,
      Advice advice,
      OperatorsMail operators,
      @Value("${ledger.notices.again-after}") Duration againAfter,
      @Value("${ledger.notices.failing-for}") Duration failingFor,
      @Value("${ledger.notices.silent-for}") Duration silentFor,
      @Value("${intake.tell-of-unproved}") int tellOfUnproved) {
    this.ledger = ledger;
    this.account = account;
    this.deadLetters = deadLetters;
    this.balance = balance;
    this.advice = advice;
    this.operators = operators;
    this.againAfter = againAfter;
    this.failingFor = failingFor;
    this.silentFor = silentFor;
    this.tellOfUnproved = tellOfUnproved;
  }

  /**
   * Something operators should know.
   *
   * @param kind dead-letters, failing, unroutable, on-hold, untimely, unproved, drift, silence or
   *     balance
   * @param what the cause, kind of event, target, or sender and reason
   * @param count how many are affected
   * @param example the words of one of them; of silence, when the last webhook came
   * @param advice what to do, where somebody knows better than the kind of trouble tells; or empty
   * @param seenTo whether an operator said so: once told is enough
   */
  private record Subject(
      String kind, String what, long count, String example, String advice, boolean seenTo) {
    Subject(String kind, String what, long count, String example) {
      this(kind, what, count, example, "", false);
    }

    String key() {
      return kind + ": " + what;
    }
  }

  /** Tells what is due to be told. */
  @Scheduled(fixedDelayString = "${ledger.notices.look-each}")
  @SchedulerLock(name = "notices", lockAtMostFor = "PT5M")
  public void look() {
    Map<String, Subject> now = new LinkedHashMap<>();
    subjects().forEach(subject -> now.put(subject.key(), subject));
    now.values().forEach(this::note);
    for (Map<String, Object> due : due()) {
      Subject subject = now.get(due.get("subject"));
      if (subject != null) {
        tellOf(subject, due);
      }
    }
    List<Map<String, Object>> open =
        ledger.queryForList("select * from notice where gone_at is null");
    untold.retainAll(open.stream().map(told -> told.get("subject")).collect(Collectors.toSet()));
    open.stream().filter(told -> !now.containsKey(told.get("subject"))).forEach(this::tellOfEnd);
    ledger.update(
        "delete from notice where gone_at < now() - ? * interval '1 millisecond'",
        againAfter.toMillis());
  }

  private void tellOf(Subject subject, Map<String, Object> due) {
    boolean enough = subject.seenTo() && due.get("told_at") != null;
    if (!enough && tell(due, subject, false)) {
      ledger.update(
          "update notice set told_at = now(), told_count = ? where subject = ?",
          subject.count(),
          subject.key());
    }
  }

  private void tellOfEnd(Map<String, Object> told) {
    String key = (String) told.get("subject");
    String[] parts = key.split(": ", 2);
    long count = ((Number) told.get("told_count")).longValue();
    if (count == 0 || tell(told, new Subject(parts[0], parts[1], count, ""), true)) {
      ledger.update("update notice set gone_at = now(), told_count = 0 where subject = ?", key);
    }
  }

  /** What is fewer than was told is more again as soon as it grows. */
  private void note(Subject subject) {
    ledger.update(
        """
        insert into notice (subject, count) values (?, ?)
        on conflict (subject) do update
        set count = excluded.count, told_count = least(notice.told_count, excluded.count),
            gone_at = null
        """,
        subject.key(),
        subject.count());
  }

  private List<Map<String, Object>> due() {
    return ledger.queryForList(
        """
        select subject, first_at, told_at from notice
        where gone_at is null
          and (told_at is null
               or count > told_count and told_at < now() - ? * interval '1 millisecond')
        order by subject
        """,
        againAfter.toMillis());
  }

  private List<Subject> subjects() {
    List<Subject> subjects = new ArrayList<>(heldRefusedAndDrifted());
    subjects.addAll(unroutable());
    for (Map<String, Object> cause : advice.beside(deadLetters.causes())) {
      subjects.add(ofCause("dead-letters", cause));
    }
    for (Map<String, Object> cause : advice.beside(account.failing(failingFor))) {
      subjects.add(ofCause("failing", cause));
    }
    subjects.addAll(silent());
    for (Balance.Line line : balance.lines()) {
      if (line.missing() != 0) {
        String what = line.type() + " to " + line.target();
        subjects.add(new Subject("balance", what, line.missing(), ""));
      }
    }
    return subjects;
  }

  private List<Subject> heldRefusedAndDrifted() {
    return ledger.query(
        """
        select 'on-hold' as kind, name || ' (' || reason || ')' as what, 1 as count,
               detail as example, name as target, reason as why
        from target where state = 'held'
        union all
        select case when untimely then 'untimely' else 'unproved' end,
               sender || ' ' || reason, count(*), '', null, null
        from rejected_webhook cross join lateral (select reason = any (?) as untimely) timely
        where received_at > now() - interval '1 hour' and (untimely or status = 401)
        group by sender, reason, untimely having untimely or count(*) >= ?
        union all
        select 'drift', type, count(*),
               left(string_agg(kind || ' ' || path || ' (' || seen || ')', ', ' order by id desc), 1000),
               null, null
        from drift where dismissed_at is null
        group by type
        """,
        (row, n) ->
            new Subject(
                row.getString("kind"),
                row.getString("what"),
                row.getLong("count"),
                row.getString("example"),
                orEmpty(
                    advice.onHold(
                        row.getString("target"), row.getString("why"), row.getString("example"))),
                false),
        new SqlArrayValue("text", SignatureRefusedException.UNTIMELY.toArray()),
        tellOfUnproved);
  }

  private List<Subject> silent() {
    if (silentFor.isZero()) {
      return List.of();
    }
    return account.silentWebhooks(silentFor).stream()
        .map(
            silent -> {
              Instant last = ((Timestamp) silent.get("last_at")).toInstant();
              return new Subject("silence", (String) silent.get("webhook"), 1, last.toString());
            })
        .toList();
  }

  private static Subject ofCause(String kind, Map<String, Object> cause) {
    return new Subject(
        kind,
        cause.get("target") + " " + cause.get("cause_code"),
        count(cause),
        String.valueOf(cause.get("example")),
        orEmpty((String) cause.get("advice")),
        cause.containsKey("acknowledgement"));
  }

  /** The oldest kinds one by one; a sender can make up any number, so of the rest as a whole. */
  private List<Subject> unroutable() {
    List<Map<String, Object>> kinds =
        account.unroutableKinds().stream()
            .sorted(Comparator.comparing(kind -> (Timestamp) kind.get("first_at")))
            .toList();
    List<Subject> subjects = new ArrayList<>();
    for (Map<String, Object> kind : kinds.subList(0, Math.min(kinds.size(), MOST_KINDS))) {
      String what = kind.get("type") + " " + kind.get("status");
      subjects.add(new Subject("unroutable", what, count(kind), (String) kind.get("reason")));
    }
    if (kinds.size() > MOST_KINDS) {
      List<Map<String, Object>> rest = kinds.subList(MOST_KINDS, kinds.size());
      long count = rest.stream().mapToLong(Notices::count).sum();
      String example = (String) rest.get(0).get("reason");
      subjects.add(new Subject("unroutable", "other kinds", count, example));
    }
    return subjects;
  }

  private static long count(Map<String, Object> kind) {
    return ((Number) kind.get("count")).longValue();
  }

  private static String orEmpty(String text) {
    return text == null ? "" : text;
  }

  /**
   * Sends one mail. All about one trouble are a thread: the first begins it, the others answer
   * that.
   *
   * @param notice what is known of the trouble
   */
  private boolean tell(Map<String, Object> notice, Subject subject, boolean gone) {
    String thread = "notice %s %s".formatted(notice.get("subject"), notice.get("first_at"));
    Object before = notice.get("told_at");
    Map<String, Object> body = new HashMap<>();
    body.put("kind", subject.kind());
    body.put("what", subject.what());
    body.put("count", subject.count());
    body.put("example", orEmpty(subject.example()));
    body.put("advice", subject.advice());
    body.put("gone", gone);
    Exception untellable =
        operators.send(
            "notice",
            before == null ? thread : thread + " after " + before,
            exchange -> {
              exchange.getMessage().setBody(body);
              if (before != null) {
                exchange.setVariable("thread", thread);
                exchange.setVariable("answers", true);
              }
            });
    if (untellable != null) {
      if (untold.add(subject.key())) {
        LOG.warn(
            "operators could not be told of {}, will try each time: {}",
            subject.key(),
            untellable.getMessage());
      }
      return false;
    }
    untold.remove(subject.key());
    LOG.info("operators were told of {}{}", subject.key(), gone ? " being gone" : "");
    return true;
  }
}
