package io.commercewebhooks.workbench;

/** How many looks in a row saw the same; who writes a file may be half done at the first. */
final class Looks {

  private String last;
  private int alike = 1;

  Looks(String first) {
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
