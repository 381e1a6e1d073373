package io.commercewebhooks.intake;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Does something once a request that is answered later has been answered, however it ended. The
 * server may tell of one end twice, where the time was over.
 */
final class OnceAnswered implements AsyncListener {

  private final Runnable late;
  private final Runnable what;
  private final AtomicBoolean done = new AtomicBoolean();

  private OnceAnswered(Runnable late, Runnable what) {
    this.late = late;
    this.what = what;
  }

  static void run(AsyncContext answer, Runnable what) {
    run(answer, () -> {}, what);
  }

  /** Also does something as soon as the time for an answer is over, before it is given. */
  static void run(AsyncContext answer, Runnable late, Runnable what) {
    answer.addListener(new OnceAnswered(late, what));
  }

  @Override
  public void onComplete(AsyncEvent event) {
    if (done.compareAndSet(false, true)) {
      what.run();
    }
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    // the rest is done at the completion that follows
    late.run();
  }

  @Override
  public void onError(AsyncEvent event) {
    // the completion that follows counts
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }
}
