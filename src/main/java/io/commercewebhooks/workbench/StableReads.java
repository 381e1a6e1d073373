package io.commercewebhooks.workbench;

/**
 * How many reads of files in a row gave the same hash: whoever saves them may be half done at the
 * first.
 */
final class StableReads {

  private String last;
  private int alike = 1;

  StableReads(String first) {
    last = first;
  }

  void see(String seen) {
    alike = seen.equals(last) ? alike + 1 : 1;
    last = seen;
  }

  int alike() {
    return alike;
  }
}
