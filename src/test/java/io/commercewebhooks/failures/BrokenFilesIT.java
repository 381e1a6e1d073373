package io.commercewebhooks.failures;

import io.commercewebhooks.workbench.LiveReloadTest;

/** Every broken version of a file, saved one after another under load. */
class BrokenFilesIT extends LiveReloadTest {

  @Override
  protected int step() {
    return 1;
  }
}
