package io.commercewebhooks.ledger;

import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.task.ThreadPoolTaskSchedulerCustomizer;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.stereotype.Component;

/**
 * How tasks by the clock are run. None begins before the service has started: some need its routes,
 * and all would only be in their way. One that fails is tried again at its next tick.
 */
@Component
class ScheduledTasks implements ThreadPoolTaskSchedulerCustomizer {

  private static final Logger LOG = LoggerFactory.getLogger(ScheduledTasks.class);
  private static final int QUIET_SECONDS = 60;

  private final CountDownLatch started = new CountDownLatch(1);
  private final AtomicReference<Instant> quietUntil = new AtomicReference<>(Instant.EPOCH);

  @EventListener(ApplicationStartedEvent.class)
  void begin() {
    started.countDown();
  }

  @Override
  public void customize(ThreadPoolTaskScheduler scheduler) {
    scheduler.setTaskDecorator(task -> () -> runOnceStarted(task));
    scheduler.setErrorHandler(this::failed);
  }

  private void runOnceStarted(Runnable task) {
    try {
      started.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    task.run();
  }

  /** A ledger that is away fails every task at every tick: one line a minute tells it. */
  private void failed(Throwable failure) {
    if (quietUntil.get().isBefore(Instant.now())) {
      quietUntil.set(Instant.now().plusSeconds(QUIET_SECONDS));
      LOG.warn("a scheduled task failed and will be tried again: {}", failure.toString());
    }
    LOG.debug("a scheduled task failed", failure);
  }
}
