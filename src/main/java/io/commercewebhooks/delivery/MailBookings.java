package io.commercewebhooks.delivery;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.commercewebhooks.ledger.Booking;
import io.commercewebhooks.ledger.BookingRules;
import io.commercewebhooks.ledger.Erasures;
import io.commercewebhooks.ledger.Event;
import io.commercewebhooks.ledger.Mending;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;

/**
 * Turns the mails that routing asks for into those that people want: by the rules of {@link
 * Notifications}, at the times of their audiences, none that tells nothing new, and a burst as one.
 */
@Component
public class MailBookings implements BookingRules {

  private static final String EMAIL = "email";

  private final Notifications notifications;
  private final Clock clock;

  public MailBookings(Notifications notifications, Clock clock) {
    this.notifications = notifications;
    this.clock = clock;
  }

  @Override
  public List<Booking> apply(Event event, List<Booking> asked) {
    NotificationsFile said = notifications.inForce();
    List<Booking> all =
        new ArrayList<>(asked.stream().filter(booking -> !isMail(booking)).toList());
    Map<String, Booking> mails = new LinkedHashMap<>();
    asked.stream()
        .filter(MailBookings::isMail)
        .forEach(mail -> mails.putIfAbsent(mail.audience(), mail));
    for (NotificationRule rule : said.rules()) {
      if (rule.fits(event)) {
        change(mails, rule);
      }
    }
    Instant now = clock.instant();
    mails.values().forEach(mail -> all.add(at(now, mail, said.audiences().get(mail.audience()))));
    return all;
  }

  private static boolean isMail(Booking booking) {
    return booking.target().equals(EMAIL);
  }

  private static void change(Map<String, Booking> mails, NotificationRule rule) {
    String parameters =
        rule.template() == null
            ? mails.values().stream().map(Booking::parameters).findFirst().orElse(null)
            : JsonNodeFactory.instance.objectNode().put("template", rule.template()).toString();
    if (!rule.replace().isEmpty()) {
      mails.clear();
    }
    rule.drop().forEach(mails::remove);
    // where routing sends no mail, a rule without a template has none to send either
    if (parameters != null) {
      for (List<String> named : List.of(rule.add(), rule.replace())) {
        named.forEach(
            name -> mails.putIfAbsent(name, new Booking(EMAIL, name, parameters, null, null)));
      }
    }
  }

  private static Booking at(Instant now, Booking mail, Audience audience) {
    Instant due = audience == null ? now : audience.due(now);
    return due.isAfter(now)
        ? new Booking(EMAIL, mail.audience(), mail.parameters(), mail.audience() + " " + due, due)
        : mail;
  }

  @Override
  public void booked(JdbcTemplate transaction, List<Long> events) {
    SqlArrayValue sequences = new SqlArrayValue("bigint", events.toArray());
    NotificationsFile said = notifications.inForce();
    tellNothingTwice(transaction, sequences, said.toldEachTime());
    said.burst().ifPresent(burst -> makeBurstsOne(transaction, sequences, burst));
  }

  /**
   * A status that an entity had already before is no news: its mail ends as superseded. Nothing is
   * held back from an audience of which nobody was told before. Of what a mended copy says, others
   * were told by its original.
   */
  private static void tellNothingTwice(
      JdbcTemplate transaction, SqlArrayValue events, List<String> toldEachTime) {
    transaction.update(
        """
        update delivery d
        set state = 'superseded', settled_at = clock_timestamp(), cause_code = 'TOLD_BEFORE',
            cause = 'this status was told by ' || p.id
        from event e
        cross join lateral (
          select b.sequence, b.id, b.status, b.state, b.attributes, b.mended_from from event b
          where b.entity_key = e.entity_key and b.entity_kind = e.entity_kind and b.type = e.type
            and b.sequence < e.sequence and b.state <> 'unroutable'
          order by b.sequence desc limit 1) p
        where d.event_sequence = any (?) and d.target = 'email' and d.state = 'waiting'
          and d.attempts = 0
          and e.sequence = d.event_sequence and e.status = p.status and e.type <> all (?)
          and (p.state = 'received' and p.attributes = e.attributes
               or exists (
                 with recursive same (sequence, mended_from) as (
                   select p.sequence, p.mended_from
                   union all
                   select o.sequence, o.mended_from from same c join event o on o.id = c.mended_from
                   where o.entity_key = e.entity_key and o.entity_kind = e.entity_kind
                     and o.status = e.status)
                 select from same join delivery t on t.event_sequence = same.sequence
                 where t.target = 'email' and t.audience = d.audience
                   and (t.state <> 'dead' and coalesce(t.cause_code, '') <> all (?)
                        or t.progress is not null)))
        """,
        events,
        new SqlArrayValue("text", toldEachTime.toArray()),
        new SqlArrayValue("text", Mending.MENDED, Erasures.ERASED));
  }

  /** What goes beyond the limit is collected until the end of the time that the limit is for. */
  private void makeBurstsOne(
      JdbcTemplate transaction, SqlArrayValue events, NotificationsFile.Burst burst) {
    long length = burst.within().toMillis();
    Instant begin = Instant.ofEpochMilli(clock.millis() / length * length);
    Instant end = begin.plus(burst.within());
    transaction.update(
        """
        with mine as (
          select id, audience, parameters,
                 row_number() over (partition by audience, parameters order by id) as place
          from delivery
          where event_sequence = any (?) and target = 'email' and state = 'waiting'
            and digest is null and attempts = 0),
        kind as (select distinct audience, parameters from mine),
        earlier as (
          select k.audience, k.parameters,
                 (select count(*) from (
                    select from delivery d
                    where d.target = 'email' and d.digest is null and d.audience = k.audience
                      and hashtextextended(d.parameters, 0) = hashtextextended(k.parameters, 0)
                      and d.parameters = k.parameters
                      and d.booked_at >= ?
                      and d.state <> 'superseded' and d.id not in (select id from mine)
                    limit ?) as found) as count
          from kind k)
        update delivery d
        set digest = 'burst ' || m.audience || ' ' || (m.parameters::json ->> 'template') || ' ' || ?,
            next_attempt_at = ?
        from mine m join earlier e on e.audience = m.audience and e.parameters = m.parameters
        where d.id = m.id and m.place + e.count > ?
        """,
        events,
        Timestamp.from(begin),
        burst.mails(),
        end.toString(),
        Timestamp.from(end),
        burst.mails());
  }
}
