package io.commercewebhooks.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same work on many threads at once. */
final class SideBySide {

  private SideBySide() {}

  /**
   * Waits for all of them.
   *
   * @param threads how many
   * @return what each of them answered
   * @throws IllegalStateException when one of them fails
   */
  static <T> List<T> run(int threads, Callable<T> work) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<T> answers = new ArrayList<>(threads);
      for (Future<T> answer : pool.invokeAll(Collections.nCopies(threads, work))) {
        answers.add(answer.get());
      }
      return answers;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      pool.shutdownNow();
    }
  }
}
