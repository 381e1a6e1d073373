package io.commercewebhooks.ledger;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.task.ThreadPoolTaskSchedulerCustomizer;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.stereotype.Component;

/**
 * How tasks by the clock are run. None begins before the service has started: some need its routes,
 * and all would only be in their way. One that fails is tried again at its next tick; for how long
 * it has failed is a gauge ({@code commerce.webhooks.task.failing.seconds}).
 */
@Component
class ScheduledTasks implements ThreadPoolTaskSchedulerCustomizer {

  private static final Logger LOG = LoggerFactory.getLogger(ScheduledTasks.class);
  private static final Duration QUIET = Duration.ofHours(1);

  /** What Spring shows of a task: the class and the method that it calls. */
  private static final Pattern CALLS = Pattern.compile("\\.([A-Z]\\w*)[$\\w]*\\.\\w+]");

  private final ObjectProvider<MeterRegistry> metrics;
  private final CountDownLatch started = new CountDownLatch(1);
  private final ThreadLocal<Task> running = new ThreadLocal<>();

  ScheduledTasks(ObjectProvider<MeterRegistry> metrics) {
    this.metrics = metrics;
  }

  /** A task, which one thread at a time runs. */
  private static final class Task {

    private final String name;
    private volatile Long failingSince;
    private volatile boolean failedAgain;
    private long saidAt;
    private boolean failed;

    Task(String name) {
      this.name = name;
    }

    /** One failure is none: whoever works once a day would be failing until the next. */
    double failingSeconds() {
      Long since = failingSince;
      return since == null || !failedAgain
          ? 0
          : Duration.ofNanos(System.nanoTime() - since).toMillis() / 1000.0;
    }
  }

  @EventListener(ApplicationStartedEvent.class)
  void begin() {
    started.countDown();
  }

  @Override
  public void customize(ThreadPoolTaskScheduler scheduler) {
    scheduler.setTaskDecorator(this::watched);
    scheduler.setErrorHandler(this::failed);
  }

  private Runnable watched(Runnable scheduled) {
    Task task = new Task(nameOf(scheduled));
    metrics.ifAvailable(
        registry ->
            Gauge.builder("commerce.webhooks.task.failing", task, Task::failingSeconds)
                .strongReference(true)
                .baseUnit("seconds")
                .description("For how long a task by the clock has failed")
                .tag("task", task.name)
                .register(registry));
    return () -> runOnceStarted(scheduled, task);
  }

  /** A class named {@code DailySummary} does the task {@code daily-summary}. */
  private static String nameOf(Runnable scheduled) {
    Matcher calls = CALLS.matcher(scheduled.toString());
    return calls.find()
        ? calls.group(1).replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT)
        : "other";
  }

  private void runOnceStarted(Runnable scheduled, Task task) {
    try {
      started.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    task.failed = false;
    running.set(task);
    try {
      scheduled.run();
    } finally {
      running.remove();
    }
    if (!task.failed && task.failingSince != null) {
      task.failingSince = null;
      task.failedAgain = false;
      LOG.info("the task {} works again", task.name);
    }
  }

  /** A ledger that is away fails a task at every tick: one line an hour tells it of each. */
  private void failed(Throwable failure) {
    Task task = running.get();
    long now = System.nanoTime();
    task.failed = true;
    task.failedAgain = task.failingSince != null;
    if (task.failingSince == null || now - task.saidAt > QUIET.toNanos()) {
      task.saidAt = now;
      LOG.warn(
          "the task {} failed and will be tried again: {}",
          task.name,
          LedgerTrouble.said(failure).orElse(failure.toString()));
    }
    if (task.failingSince == null) {
      task.failingSince = now;
    }
    LOG.debug("the task {} failed", task.name, failure);
  }
}
