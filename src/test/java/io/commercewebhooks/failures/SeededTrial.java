package io.commercewebhooks.failures;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A trial under load whose chances can be had again: its first figure is the seed, which {@code
 * -Dfailures.seed} sets.
 */
abstract class SeededTrial {

  @RegisterExtension final Figures figures;

  final Random random;
  final Installation installation;
  final Load load;

  private final long seed = Long.getLong("failures.seed", System.nanoTime());

  /**
   * @param name what each line of its figures begins with
   * @param installation is closed after it
   */
  SeededTrial(String name, Installation installation) {
    this.figures = new Figures(name);
    this.random = new Random(seed);
    this.installation = installation;
    this.load = new Load(installation::sender, random);
  }

  @BeforeEach
  void tellTheSeed() {
    figures.add("seed %d", seed);
  }

  @AfterEach
  void end() {
    load.close();
    installation.close();
  }
}
