package io.commercewebhooks.ledger;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * Threads that take turns as long as there is work, and sleep until they are woken, by what happens
 * on this node or by the {@link Sweep} that they share with all others.
 *
 * <p>Under load work comes in bits, and each turn costs several statements however little it does.
 * So whoever had less than a whole batch, but much of late, lets some gather before the next turn.
 * What comes in a trickle waits for nothing.
 */
class Workers {

  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration ANY_TIME_AGO = Duration.ofDays(1);

  private final CamelContext context;
  private final String name;
  private final int count;
  private final Signals.Signal signal;
  private final Sweep sweep;
  private final Rhythm rhythm;
  private final IntSupplier turn;
  private ExecutorService threads;
  private volatile boolean running;

  /**
   * When the next turn is due.
   *
   * @param gather how far the beginnings of two turns are apart at least under load, when the first
   *     one had work but no whole batch of it
   * @param gatherFrom how much work a second is load
   * @param batch how much is a whole batch
   */
  record Rhythm(Duration gather, int gatherFrom, int batch) {

    /**
     * How long a worker rests after a turn with work.
     *
     * @param done how much work that was
     * @param sinceLast from the beginning of its last turn with work to the beginning of this one
     */
    Duration rest(int done, Duration sinceLast) {
      boolean load =
          done * TimeUnit.SECONDS.toNanos(1) >= sinceLast.toNanos() * (double) gatherFrom;
      return load && done < batch ? gather : Duration.ZERO;
    }
  }

  /**
   * @param name of the threads and in the log
   * @param count how many work side by side
   * @param signal what wakes them
   * @param sweep what wakes them where nobody else does
   * @param rhythm when the next turn is due
   * @param turn does a piece of work and says how much it did; 0 means nothing to do
   */
  Workers(
      CamelContext context,
      String name,
      int count,
      Signals.Signal signal,
      Sweep sweep,
      Rhythm rhythm,
      IntSupplier turn) {
    this.context = context;
    this.name = name;
    this.count = count;
    this.signal = signal;
    this.sweep = sweep;
    this.rhythm = rhythm;
    this.turn = turn;
  }

  void start() {
    running = true;
    threads = context.getExecutorServiceManager().newFixedThreadPool(this, name, count);
    for (int i = 0; i < count; i++) {
      threads.execute(new Worker());
    }
  }

  /** Waits for every thread to finish its turn, within a limit. */
  void stop() {
    stop(STOP_LIMIT);
  }

  /**
   * Likewise within another limit. A turn that takes longer goes on, and holds what it has claimed:
   * were it interrupted, its call could reach the target after that of something newer.
   */
  void stop(Duration limit) {
    running = false;
    signal.wake();
    context.getExecutorServiceManager().shutdown(threads);
    try {
      if (!threads.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} still has a call under way, which goes on", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What one thread does. */
  private final class Worker implements Runnable {
    private boolean failing;
    private long lastBegun = System.nanoTime() - ANY_TIME_AGO.toNanos();

    @Override
    public void run() {
      while (running) {
        try {
          if (failing) {
            signal.await(signal.count(), sweep.each());
          }
          takeTurn();
        } catch (RuntimeException | Error e) {
          // an error such as too little memory must not end a worker that nobody would miss
          failed(e);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    private void takeTurn() throws InterruptedException {
      long seen = signal.count();
      long begun = System.nanoTime();
      int done = turn.getAsInt();
      if (failing) {
        LOG.info("{} works again", name);
        failing = false;
      }
      if (done == 0) {
        waitForWork(seen);
      } else if (running) {
        Duration rest = rhythm.rest(done, Duration.ofNanos(begun - lastBegun));
        TimeUnit.NANOSECONDS.sleep(begun + rest.toNanos() - System.nanoTime());
        lastBegun = begun;
      }
    }

    private void failed(Throwable failure) {
      if (failing) {
        return;
      }
      failing = true;
      LOG.warn(
          "{} can't work, will try each {} ms: {}",
          name,
          sweep.each().toMillis(),
          LedgerTrouble.said(failure).orElseGet(() -> innermostWords(failure)));
      LOG.debug("{} can't work", name, failure);
    }
  }

  private static String innermostWords(Throwable failure) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
    return cause instanceof Error || cause.getMessage() == null
        ? cause.toString()
        : cause.getMessage();
  }

  private void waitForWork(long seen) throws InterruptedException {
    while (running && signal.count() == seen) {
      signal.await(seen, sweep.untilDue());
      sweep.makeIfDue();
    }
  }
}
