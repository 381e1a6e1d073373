package io.commercewebhooks.workbench;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of what engineers may try out; see {@code config/application.yaml}.
 *
 * @param cases the folder of the tests' cases, which need not be there
 */
@ConfigurationProperties("workbench")
record WorkbenchSettings(String cases, Preview preview, Drift drift, Reload reload) {

  /**
   * Looking for what the schemas don't know.
   *
   * @param sample how many events, of the newest, are looked at each time
   */
  record Drift(int sample) {}

  /**
   * Taking up changed files.
   *
   * @param watch whether files that are saved go live by themselves
   */
  record Reload(boolean watch) {}

  /**
   * Bounds of previews.
   *
   * @param atATime how many run at once on each node
   * @param mostEvents how many events one may look at
   * @param mostSize how much their payloads may hold together
   * @param longest how long one may take
   */
  record Preview(int atATime, int mostEvents, DataSize mostSize, Duration longest) {}
}
