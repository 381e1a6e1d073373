package io.commercewebhooks.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps events that come at the same time in one transaction: a commit of its own costs an event
 * several times what its row does. One that comes alone waits for nobody. Those that come while
 * others are being written are the next group, and the first of them writes it for all.
 *
 * <p>One group is written at a time. With two, groups are half as large, and all of it took a third
 * longer.
 */
class GroupCommit {

  private static final int LARGEST = 64;

  private final Ledger ledger;

  // guarded by this
  private final List<Waiting> waiting = new ArrayList<>();
  private boolean writing;

  GroupCommit(Ledger ledger) {
    this.ledger = ledger;
  }

  /** An event whose sender waits for its answer. */
  private static final class Waiting {

    private final SealedEvent event;

    /** Brings the group that it has to write, or an empty one when somebody else wrote it. */
    private final CompletableFuture<List<Waiting>> turn = new CompletableFuture<>();

    /** Whether the ledger didn't have it yet; null unless it is committed. */
    private Boolean isNew;

    private RuntimeException failure;

    Waiting(SealedEvent event) {
      this.event = event;
    }
  }

  /**
   * Keeps an event once. When this returns, the event is committed.
   *
   * @return false when the ledger already had this event
   */
  boolean keep(SealedEvent event) {
    Waiting mine = new Waiting(event);
    synchronized (this) {
      waiting.add(mine);
      if (!writing) {
        handOver();
      }
    }
    List<Waiting> group = mine.turn.join();
    if (!group.isEmpty()) {
      write(group);
    }
    if (mine.isNew == null) {
      throw mine.failure != null
          ? mine.failure
          : new IllegalStateException("whoever was to keep the group came to an end");
    }
    return mine.isNew;
  }

  /** Gives the next group to the first in it, if there is any. */
  private synchronized void handOver() {
    writing = !waiting.isEmpty();
    if (writing) {
      List<Waiting> next = waiting.subList(0, Math.min(LARGEST, waiting.size()));
      List<Waiting> group = new ArrayList<>(next);
      next.clear();
      group.get(0).turn.complete(group);
    }
  }

  private void write(List<Waiting> group) {
    try {
      if (group.size() == 1 || !isSettledTogether(group)) {
        group.forEach(this::keepAlone);
      }
    } finally {
      handOver();
      group.forEach(written -> written.turn.complete(List.of()));
    }
  }

  /**
   * In the order of their ids, so that two nodes that write the same events never wait for each
   * other.
   *
   * @return false when a single one of them may be to blame, which the others must not suffer for
   */
  private boolean isSettledTogether(List<Waiting> group) {
    group.sort(Comparator.comparing(member -> member.event.id()));
    try {
      boolean[] areNew = ledger.keep(group.stream().map(member -> member.event).toList());
      for (int i = 0; i < areNew.length; i++) {
        group.get(i).isNew = areNew[i];
      }
      return true;
    } catch (RuntimeException e) {
      if (LedgerTrouble.mayBeOfOneRow(e)) {
        return false;
      }
      group.forEach(member -> member.failure = e);
      return true;
    }
  }

  private void keepAlone(Waiting member) {
    try {
      member.isNew = ledger.keep(member.event);
    } catch (RuntimeException e) {
      member.failure = e;
    }
  }
}
