package io.commercewebhooks.delivery;

import io.commercewebhooks.ledger.Event;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * Who else hears of some events, or doesn't.
 *
 * @param conditions what an event must have: one of the values of each
 * @param amountOver an amount that it must exceed, or null
 * @param add audiences that hear too
 * @param replace audiences that hear instead of all others
 * @param drop audiences that don't hear
 * @param template the mail for those added; null for the one that the others get
 */
record NotificationRule(
    String name,
    Map<Condition, List<String>> conditions,
    BigDecimal amountOver,
    List<String> add,
    List<String> replace,
    List<String> drop,
    String template) {

  /** What rules look at. */
  enum Condition {
    TYPE,
    STATUS,
    SENDER,
    ACCOUNT,
    SITE,
    CURRENCY;

    private String of(Event event) {
      return switch (this) {
        case TYPE -> event.type();
        case STATUS -> event.status();
        case SENDER -> event.sender();
        case ACCOUNT -> event.attributes().path("accountId").asText();
        case SITE -> event.attributes().path("siteId").asText();
        case CURRENCY -> event.attributes().path("currency").asText();
      };
    }

    /** Only the numbers of accounts and sites tell large letters from small ones. */
    private boolean isOneOf(List<String> wanted, Event event) {
      String value = of(event);
      return this == ACCOUNT || this == SITE
          ? wanted.contains(value)
          : wanted.stream().anyMatch(one -> one.equalsIgnoreCase(value));
    }
  }

  boolean fits(Event event) {
    return conditions.entrySet().stream()
            .allMatch(wanted -> wanted.getKey().isOneOf(wanted.getValue(), event))
        && (amountOver == null || isOver(event.attributes().path("amount").asText()));
  }

  private boolean isOver(String amount) {
    try {
      return new BigDecimal(amount).compareTo(amountOver) > 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
