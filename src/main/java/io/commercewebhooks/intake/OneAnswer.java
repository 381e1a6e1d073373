package io.commercewebhooks.intake;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The answer to a request that another thread works on: given by that thread, or by the server when
 * the time for it is over, and never by both. Side by side they would make one answer of two, such
 * as 500 without a word for a webhook that was kept.
 */
final class OneAnswer extends HttpServletResponseWrapper {

  private enum By {
    NOBODY,
    WORK,
    CLOCK
  }

  private static final int WRITTEN_WITHIN_SECONDS = 1;

  private final AtomicReference<By> by = new AtomicReference<>(By.NOBODY);
  private final CountDownLatch worked = new CountDownLatch(1);
  private volatile Thread worker;

  OneAnswer(HttpServletResponse response) {
    super(response);
  }

  /** Does the work, which answers at its end by a status first, unless the time is over by then. */
  void workedOut(Runnable work) {
    worker = Thread.currentThread();
    try {
      work.run();
    } finally {
      worker = null;
      worked.countDown();
    }
  }

  /**
   * Leaves the answer to the server. One that is being given is waited for, and goes out: the
   * server, which would answer next, finds that it is too late for that.
   */
  void timeIsOver() {
    if (by.compareAndExchange(By.NOBODY, By.CLOCK) != By.WORK) {
      // whoever counts answers asks for it before the server gives its own
      super.setStatus(SC_SERVICE_UNAVAILABLE);
      return;
    }
    try {
      if (worked.await(WRITTEN_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        flushBuffer();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // the caller is gone
    }
  }

  @Override
  public void setStatus(int status) {
    claim();
    super.setStatus(status);
  }

  @Override
  public void sendError(int status) throws IOException {
    claim();
    super.sendError(status);
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    claim();
    super.sendError(status, message);
  }

  private void claim() {
    if (Thread.currentThread() == worker && by.compareAndExchange(By.NOBODY, By.WORK) == By.CLOCK) {
      throw new IllegalStateException("The time for an answer was over");
    }
  }
}
