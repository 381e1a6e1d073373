package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** Who looks for work that nobody told of. */
class SweepTest {

  private static final Duration EACH = Duration.ofMillis(20);

  private final Signals signals = new Signals();
  private final AtomicInteger sweeps = new AtomicInteger();
  private final AtomicInteger turns = new AtomicInteger();

  @Test
  void workers_without_work_make_one_sweep_for_all_of_them() throws Exception {
    long begun = System.nanoTime();
    Sweep sweep = new Sweep(EACH, sweeps::incrementAndGet);

    untilSweptOften(sweep);

    long most = 1 + (System.nanoTime() - begun) / EACH.toNanos();
    assertThat(sweeps.get()).isLessThanOrEqualTo((int) most);
  }

  @Test
  void only_those_whose_work_is_due_are_woken_by_a_sweep() throws Exception {
    AtomicInteger others = new AtomicInteger();
    Sweep sweep =
        new Sweep(
            EACH, () -> signals.wake(List.of(new Ledger.Due(Ledger.Due.Work.DELIVERIES, "email"))));
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      List<Workers> workers =
          List.of(
              workers(camel, "email", sweep, () -> counted(turns)),
              workers(camel, "salesforce", sweep, () -> counted(others)));
      workers.forEach(Workers::start);
      await().until(() -> turns.get() > 5 && others.get() > 0);
      assertThat(others).hasValue(1);
      workers.forEach(Workers::stop);
    }
  }

  @Test
  void a_sweep_that_failed_is_made_again() throws Exception {
    Sweep sweep =
        new Sweep(
            EACH,
            () -> {
              if (sweeps.incrementAndGet() < 5) {
                throw new IllegalStateException("the ledger does not answer");
              }
            });

    untilSweptOften(sweep);

    assertThat(sweeps.get()).isGreaterThan(5);
  }

  private static int counted(AtomicInteger turns) {
    turns.incrementAndGet();
    return 0;
  }

  /** Workers without work go on until there were several sweeps. */
  private void untilSweptOften(Sweep sweep) throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      List<Workers> workers =
          Stream.of("salesforce", "database", "email")
              .map(target -> workers(camel, target, sweep, () -> 0))
              .toList();
      workers.forEach(Workers::start);
      await().until(() -> sweeps.get() > 5);
      workers.forEach(Workers::stop);
    }
  }

  private Workers workers(DefaultCamelContext camel, String target, Sweep sweep, IntSupplier turn) {
    return new Workers(
        camel,
        target,
        1,
        signals.ofDeliveries(target),
        sweep,
        new Workers.Rhythm(Duration.ZERO, 1, 1),
        turn);
  }
}
