package io.commercewebhooks.ledger;

import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Which routes and config are live; every event and attempt is kept with their hash. */
@Component
public class FileStamp {

  private volatile String hash;
  private volatile Path folder;

  /** The hash; null before the files have been read. */
  public String hash() {
    return hash;
  }

  /** Where a file of the live set is, such as {@code config/mappings/x.jslt}. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  /**
   * From now on events and attempts run on this set.
   *
   * @param placed the folder in which its files are, and stay as they are
   */
  public void is(String live, Path placed) {
    folder = placed;
    hash = live;
  }
}
