package io.commercewebhooks.workbench;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Looks for saved files where they are to go live by themselves; elsewhere nobody looks. */
@Component
@ConditionalOnProperty("workbench.reload.watch")
class WatchedFiles {

  private final LiveFiles files;

  WatchedFiles(LiveFiles files) {
    this.files = files;
  }

  @Scheduled(fixedDelayString = "${workbench.reload.look-each}")
  void look() {
    files.look();
  }
}
