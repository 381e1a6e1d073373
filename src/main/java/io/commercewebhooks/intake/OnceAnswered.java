package io.commercewebhooks.intake;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/** Does something once a request that is answered later has been answered, however it ended. */
final class OnceAnswered implements AsyncListener {

  private final Runnable what;

  private OnceAnswered(Runnable what) {
    this.what = what;
  }

  static void run(AsyncContext answer, Runnable what) {
    answer.addListener(new OnceAnswered(what));
  }

  @Override
  public void onComplete(AsyncEvent event) {
    what.run();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    // the completion that follows counts
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
