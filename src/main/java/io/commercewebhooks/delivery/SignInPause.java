package io.commercewebhooks.delivery;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.ContentResponse;

/**
 * A pause between sign-ins that failed. Whoever wants to sign in meanwhile gets the failure that
 * was, and nothing is sent: many workers that wait for one session don't become many refused
 * logins, which would use up the org's 3,600 an hour or lock the user. Each refusal in a row
 * doubles the pause; an answer that never came says nothing about our credentials and doesn't.
 */
final class SignInPause {

  /** Sends a sign-in and waits for the answer. */
  interface SignIn {
    ContentResponse send() throws InterruptedException, TimeoutException, ExecutionException;
  }

  private final Duration first;
  private final Duration longest;
  private final Ticker ticker;

  private int refusals;
  private long begun;
  private Duration pause = Duration.ZERO;
  private ContentResponse refusal;
  private ExecutionException noAnswer;

  /**
   * @param first pause after the first failure
   * @param longest the most that doubling makes of it
   * @param ticker the time that passes, whatever a clock is set to
   */
  SignInPause(Duration first, Duration longest, Ticker ticker) {
    this.first = first;
    this.longest = longest;
    this.ticker = ticker;
  }

  /** Signs in, or answers as the last sign-in was answered while that is not long ago. */
  synchronized ContentResponse answer(SignIn signIn)
      throws InterruptedException, TimeoutException, ExecutionException {
    if (!pause.isZero() && ticker.read() - begun < pause.toNanos()) {
      if (noAnswer != null) {
        throw new ExecutionException(noAnswer.getCause());
      }
      return refusal;
    }
    try {
      ContentResponse answer = signIn.send();
      boolean refused = answer.getStatus() >= 400 && answer.getStatus() < 500;
      refusals = refused ? refusals + 1 : 0;
      refusal = answer;
      noAnswer = null;
      pause(
          answer.getStatus() == 200
              ? Duration.ZERO
              : afterRefusals(Math.max(1, refusals), first, longest));
      return answer;
    } catch (ExecutionException e) {
      noAnswer = e;
      pause(first);
      throw e;
    } catch (TimeoutException e) {
      noAnswer = new ExecutionException(e);
      pause(first);
      throw e;
    }
  }

  /** Lets the next sign-in go at once: somebody wants to know. */
  synchronized void end() {
    pause = Duration.ZERO;
  }

  /**
   * How long to wait after refusals in a row, of which each doubles the pause.
   *
   * @param refusals one or more
   */
  static Duration afterRefusals(int refusals, Duration first, Duration longest) {
    double doubled = first.toMillis() * Math.pow(2, refusals - 1);
    return Duration.ofMillis((long) Math.min(doubled, longest.toMillis()));
  }

  private void pause(Duration time) {
    begun = ticker.read();
    pause = time;
  }
}
