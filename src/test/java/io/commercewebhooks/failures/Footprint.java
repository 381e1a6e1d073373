package io.commercewebhooks.failures;

/**
 * What a process holds while it has nothing to do.
 *
 * @param heap of living objects, in bytes
 * @param classes loaded and not unloaded
 * @param files open, sockets included; 0 where only Linux would tell
 */
record Footprint(long heap, long classes, long threads, long files) {

  private static final double MORE = 1.1;

  /** The door's threads come and go with what a minute brings. */
  private static final double MORE_THREADS = 2;

  /** Whether it is so much more of anything than another that this can't be chance. */
  boolean exceeds(Footprint other) {
    return heap > MORE * other.heap
        || classes > MORE * other.classes
        || threads > MORE_THREADS * other.threads
        || files > MORE * other.files;
  }

  @Override
  public String toString() {
    return "%d KB of living objects, %d classes, %d threads, %d files"
        .formatted(heap >> 10, classes, threads, files);
  }
}
