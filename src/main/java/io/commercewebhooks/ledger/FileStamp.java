package io.commercewebhooks.ledger;

import org.springframework.stereotype.Component;

/** The hash of the routes and config that are live, which every event and attempt is kept with. */
@Component
public class FileStamp {

  private volatile String hash;

  /** The hash; null before the files have been read. */
  public String hash() {
    return hash;
  }

  /** From now on events and attempts run on this set. */
  public void is(String live) {
    hash = live;
  }
}
