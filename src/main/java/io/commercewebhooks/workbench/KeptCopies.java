package io.commercewebhooks.workbench;

import java.io.IOException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Keeps the copies of the live files in the folder for temporary files, where others tidy up. */
@Component
class KeptCopies {

  private final LiveFiles files;

  KeptCopies(LiveFiles files) {
    this.files = files;
  }

  @Scheduled(fixedDelayString = "${workbench.reload.keep-copies-each}")
  void look() throws IOException {
    files.keepCopies();
  }
}
