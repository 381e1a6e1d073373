package io.commercewebhooks.failures;

import java.util.Random;
import org.junit.jupiter.api.BeforeEach;

/**
 * A trial under load whose chances can be had again: its first figure is the seed, which {@code
 * -Dfailures.seed} sets.
 */
abstract class SeededTrial extends Trial {

  private final long seed;

  /**
   * @param name what each line of its figures begins with
   * @param installation is closed after it
   */
  SeededTrial(String name, Installation installation) {
    this(name, installation, Long.getLong("failures.seed", System.nanoTime()));
  }

  private SeededTrial(String name, Installation installation, long seed) {
    super(name, installation, new Random(seed));
    this.seed = seed;
  }

  @BeforeEach
  void tellTheSeed() {
    figures.add("seed %d", seed);
  }
}
