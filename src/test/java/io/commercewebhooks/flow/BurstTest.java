package io.commercewebhooks.flow;

import static io.commercewebhooks.flow.Outside.mailbox;
import static io.commercewebhooks.flow.Outside.number;
import static io.commercewebhooks.flow.Outside.row;
import static io.commercewebhooks.flow.Outside.salesforce;
import static io.commercewebhooks.flow.Outside.sender;
import static io.commercewebhooks.flow.Outside.untilQuiet;
import static io.commercewebhooks.flow.Outside.wayToTheDatabase;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.sandbox.MailboxMail;
import io.commercewebhooks.sandbox.SalesforceFault;
import io.commercewebhooks.sandbox.Webhooks;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many webhooks at once, taken up by the several workers that each target has. */
@FlowTest
class BurstTest {

  private static final int QUOTES = 40;
  private static final int SENDERS = 8;
  private static final List<String> CHANGES =
      List.of("draft", "submitted", "approved", "provisioning", "completed");

  private static List<String> webhooks() {
    Instant first = Instant.now();
    List<String> webhooks = new ArrayList<>();
    for (int quote = 0; quote < QUOTES; quote++) {
      for (int change = 0; change < CHANGES.size(); change++) {
        webhooks.add(
            Webhooks.zoomCommerce(
                "quote-status-changed",
                "Q-" + quote,
                CHANGES.get(change),
                first.plusMillis(change)));
      }
    }
    return webhooks;
  }

  private static void sendAtOnce(List<String> webhooks)
      throws InterruptedException, ExecutionException {
    ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
    try {
      List<Future<Integer>> answers = new ArrayList<>();
      for (String webhook : webhooks) {
        answers.add(senders.submit(() -> sender().zoomCommerce(webhook).statusCode()));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(200);
      }
    } finally {
      senders.shutdownNow();
    }
  }

  @Test
  void changes_that_overtake_each_other_and_meet_failures_end_in_the_newest_state()
      throws Exception {
    List<String> webhooks = webhooks();
    webhooks.addAll(webhooks.subList(0, webhooks.size() / 3));
    Collections.shuffle(webhooks, new Random(1));
    salesforce().failNext(2, SalesforceFault.dropAfterWriting());
    salesforce().failNextRecords(30, sent -> true, "UNABLE_TO_LOCK_ROW", "in use");
    sendAtOnce(webhooks.subList(0, webhooks.size() / 2));
    wayToTheDatabase().cut();
    wayToTheDatabase().mend();
    sendAtOnce(webhooks.subList(webhooks.size() / 2, webhooks.size()));
    untilQuiet();

    assertThat(number("select count(*) from event")).isEqualTo(QUOTES * CHANGES.size());
    assertThat(number("select count(*) from status_history")).isEqualTo(QUOTES * CHANGES.size());
    assertThat(number("select count(*) from delivery where state = 'dead'")).isZero();
    assertThat(salesforce().records("Zoom_Quote__c"))
        .hasSize(QUOTES)
        .allSatisfy(quote -> assertThat(quote).containsEntry("Status__c", "completed"));
    for (int quote = 0; quote < QUOTES; quote++) {
      assertThat(row("quote", "Q-" + quote)).containsEntry("status", "completed");
    }
  }

  @Test
  void workers_side_by_side_do_no_delivery_twice() throws Exception {
    sendAtOnce(webhooks());
    untilQuiet();

    assertThat(salesforce().writes())
        .extracting(write -> write.fields().get("Source_Event_Id__c"))
        .doesNotHaveDuplicates();
    assertThat(mailbox().received())
        .hasSize(2 * QUOTES)
        .extracting(MailboxMail::messageId)
        .doesNotHaveDuplicates();
  }
}
