package io.commercewebhooks.benchmark;

import io.commercewebhooks.benchmark.Mix.Webhook;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;

/** How much the trials send, and over how many connections, unless they are told otherwise. */
final class Trials {

  static final int ROUNDS = Integer.getInteger("benchmark.rounds", 3);
  static final int WEBHOOKS = Integer.getInteger("benchmark.webhooks", 4000);

  /** Until a Java runtime has compiled most of what matters; the rest takes several times that. */
  static final int WARM_UP = Integer.getInteger("benchmark.warm-up", 24_000);

  static final int MANY = 64;

  private Trials() {}

  /**
   * Sends so many that the trial after them is that of a runtime which has been up for a while.
   *
   * @param name of these webhooks, unlike that of others for the same service
   * @param times how often {@link #WARM_UP}
   */
  static void warmUp(String name, int times, Consumer<List<Webhook>> sender) {
    for (int sent = 0; sent < times * WARM_UP; sent += WEBHOOKS) {
      sender.accept(new Mix(name + "-" + sent).webhooks(WEBHOOKS));
    }
  }

  static void rest(Duration time) {
    Awaitility.await().pollDelay(time).atMost(time.multipliedBy(10)).until(() -> true);
  }

  static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }
}
