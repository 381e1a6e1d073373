package io.commercewebhooks.console;

import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.ledger.Audit.Deed;
import io.commercewebhooks.ledger.PersonalData;
import io.commercewebhooks.workbench.Drift;
import io.commercewebhooks.workbench.LiveFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/** What people decide about routes and config, each with its line in the audit. */
@Component
class WorkbenchDecisions {

  private final LiveFiles files;
  private final Drift drift;
  private final PersonalData people;
  private final Audit audit;

  WorkbenchDecisions(LiveFiles files, Drift drift, PersonalData people, Audit audit) {
    this.files = files;
    this.drift = drift;
    this.people = people;
    this.audit = audit;
  }

  private interface OnFiles<T> {
    T act() throws IOException;
  }

  /** Takes up the files of this node as they stand; what is live then may name a mistake. */
  LiveFiles.State reload(Audit.Actor operator) {
    return audit.of(
        new Deed(operator, "reload", "files"), WorkbenchDecisions::count, () -> on(files::reload));
  }

  /**
   * Puts an earlier set live on every node, until its files change.
   *
   * @param reason why; may be null
   * @return what is live then; empty when the ledger has no such set
   */
  Optional<LiveFiles.State> rollBack(String hash, String reason, Audit.Actor operator) {
    return followed(
        new Deed(operator, "rollback", hash, detail(reason)),
        () -> files.rollBack(hash, operator.name()));
  }

  /**
   * Lets the files go live again, on every node.
   *
   * @param reason why; may be null
   * @return what is live then; empty when no rollback is in force
   */
  Optional<LiveFiles.State> endRollback(String reason, Audit.Actor operator) {
    return followed(
        new Deed(operator, "end-rollback", "files", detail(reason)), files::endRollback);
  }

  /** A set goes live after it is committed that it shall: nodes look at the ledger for that. */
  private Optional<LiveFiles.State> followed(Deed deed, BooleanSupplier asking) {
    return audit.ifDone(deed, asking) ? Optional.of(on(files::follow)) : Optional.empty();
  }

  /** Takes a finding off the report of drift; false when it isn't there. */
  boolean dismiss(long finding, Audit.Actor operator) {
    return audit.ifDone(
        new Deed(operator, "dismiss", "drift " + finding), () -> drift.dismiss(finding));
  }

  /** How many sets went live. */
  private static long count(LiveFiles.State state) {
    return state.mistake() == null ? 1 : 0;
  }

  private Map<String, String> detail(String reason) {
    return reason == null ? Map.of() : Map.of("reason", people.plain(Decisions.said(reason)));
  }

  private static <T> T on(OnFiles<T> files) {
    try {
      return files.act();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
