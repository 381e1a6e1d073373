package io.commercewebhooks.failures;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A trial of an installation under load, with figures. */
abstract class Trial {

  @RegisterExtension final Figures figures;

  final Random random;
  final Installation installation;
  final Load load;

  /**
   * @param name what each line of its figures begins with
   * @param installation is closed after it
   * @param random decides what happens to which object
   */
  Trial(String name, Installation installation, Random random) {
    this.figures = new Figures(name);
    this.random = random;
    this.installation = installation;
    this.load = new Load(installation::sender, random);
  }

  @AfterEach
  void end() {
    load.close();
    installation.close();
  }
}
