package io.commercewebhooks.intake;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets webhooks wait, for the few milliseconds that routes of intake are replaced, instead of
 * refusing them. They have been read by then; what they are answered is decided afterwards.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 110)
public class WebhooksOnHold extends OncePerRequestFilter {

  private static final int ALL = Integer.MAX_VALUE;
  private static final long LONGEST_SECONDS = 20;

  /** Fair: a replacement does not wait behind all that comes after it. */
  private final Semaphore under = new Semaphore(ALL, true);

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean in = take(1);
    boolean later = false;
    try {
      chain.doFilter(request, response);
      later = in && request.isAsyncStarted();
      if (later) {
        OnceAnswered.run(request.getAsyncContext(), under::release);
      }
    } finally {
      if (in && !later) {
        under.release();
      }
    }
  }

  /**
   * Does something while no webhook is being worked on and all others wait.
   *
   * @throws IllegalStateException when those under way take too long
   */
  public <T> T during(Callable<T> work) throws Exception {
    if (!take(ALL)) {
      throw new IllegalStateException("webhooks under way take too long; try again");
    }
    try {
      return work.call();
    } finally {
      under.release(ALL);
    }
  }

  private boolean take(int places) throws IOException {
    try {
      return under.tryAcquire(places, LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the service stops", e);
    }
  }
}
