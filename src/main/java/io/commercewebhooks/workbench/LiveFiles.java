package io.commercewebhooks.workbench;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.intake.WebhooksOnHold;
import io.commercewebhooks.workbench.RouteSwap.Placed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.engine.DefaultResourceLoader;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.ResourceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * The routes and config that are live. A changed set is read as a whole, tried out beside the live
 * one, and only then takes its place; a set with a mistake changes nothing, and the log, health and
 * {@code GET /api/reload} say where the mistake is. An earlier set can be put back: then every node
 * runs on it until its files change.
 */
@Component("reload")
public class LiveFiles implements HealthIndicator, DisposableBean {

  private static final Logger LOG = LoggerFactory.getLogger(LiveFiles.class);

  /** Some editors take a file away before the new one is in its place. */
  private static final int READS_WITHOUT_A_FILE = 5;

  private final CamelContext camel;
  private final Previews previews;
  private final FileSets sets;
  private final LiveConfig config;
  private final RouteSwap routes;
  private final boolean watching;
  private final LiveCopies copies;
  private Placed live;

  /** What the service started with, until somebody has looked whether it can work. */
  private CandidateSet started;

  /** What is wrong in the live set, if the service started with a mistake. */
  private Mistake ofLive;

  private boolean kept;
  private volatile FileSet onDisk;
  private volatile Optional<Rollback> askedFor = Optional.empty();
  private final StableReads reads;
  private boolean unreadable;
  private String lastRefused;
  private volatile State state;

  LiveFiles(
      CamelContext camel,
      Previews previews,
      FileSets sets,
      LiveConfig config,
      WebhooksOnHold webhooks,
      WorkbenchSettings settings)
      throws IOException {
    this.camel = camel;
    this.previews = previews;
    this.sets = sets;
    this.config = config;
    this.routes = new RouteSwap(camel, webhooks);
    this.watching = settings.reload().watch();
    FileSet atStart = FileSet.read(previews.places());
    this.copies = new LiveCopies(atStart);
    this.started = copies.first();
    this.live = new Placed(atStart, started.file(""));
    this.onDisk = atStart;
    this.reads = new StableReads(atStart.hash());
    this.state = new State(atStart.hash(), Instant.now(), watching, null);
    config.useAtStart(live);
    camel.getCamelContextExtension().addContextPlugin(ResourceLoader.class, readingFirst());
  }

  /** Camel reads the files of the first routes from disk, and only when they are needed. */
  private ResourceLoader readingFirst() {
    Path first = copies.first().file("");
    return new DefaultResourceLoader(camel) {
      @Override
      public Resource resolveResource(String uri) {
        return super.resolveResource(RouteSwap.bound(uri, first));
      }
    };
  }

  /**
   * What is live.
   *
   * @param live hash of the set
   * @param watching whether files that are saved go live by themselves
   * @param mistake why the files as they stand are not live; null when they are
   */
  public record State(String live, Instant since, boolean watching, Mistake mistake) {

    private State with(Mistake other) {
      return new State(live, since, watching, other);
    }
  }

  /**
   * A mistake, and what to write instead.
   *
   * @param line counted from 1, as is the column; null when unknown
   */
  public record Mistake(String file, Integer line, Integer column, String what) {

    static Mistake of(BrokenSetException broken) {
      return new Mistake(broken.file(), broken.line(), broken.column(), broken.getMessage());
    }

    @Override
    public String toString() {
      return (file == null ? "" : file + ", ")
          + (line == null ? "" : "line " + line + ", ")
          + (column == null ? "" : "column " + column + ", ")
          + what;
    }
  }

  /**
   * An earlier set that runs instead of the files, on every node whose files are the same.
   *
   * @param hash the set that runs
   * @param instead the set that the files are
   * @param actor who asked for it
   */
  public record Rollback(String hash, String instead, String actor, Instant askedAt) {}

  public State state() {
    return state;
  }

  /** The rollback in force here, if one is. */
  public Optional<Rollback> rollback() {
    return askedFor.filter(rollback -> rollback.instead().equals(onDisk.hash()));
  }

  /** Looks whether files were saved; one is taken up when it is the same twice. */
  synchronized void look() {
    if (!camel.isStarted()) {
      return;
    }
    try {
      FileSet seen = FileSet.read(previews.places());
      reads.see(seen.hash());
      boolean lacks = !seen.files().keySet().containsAll(onDisk.files().keySet());
      if (reads.alike() >= (lacks ? READS_WITHOUT_A_FILE : 2)
          && (unreadable || !seen.hash().equals(onDisk.hash()))) {
        keepFirst();
        take(seen);
        use(wanted());
      }
    } catch (CannotStartException e) {
      reads.see(e.getMessage());
      if (reads.alike() == 2) {
        refuseUnreadable(e);
      }
    } catch (IOException | UncheckedIOException e) {
      // a file is being replaced: the next look sees it
      LOG.debug("files can't be read", e);
    } catch (DataAccessException | TransactionException e) {
      LOG.debug("the ledger can't keep the set; it is taken up when it can", e);
    }
  }

  /** Looks whether another node was told to go back to an earlier set. */
  @Scheduled(fixedDelayString = "${workbench.reload.look-for-rollback-each}")
  synchronized void lookForRollback() {
    if (!camel.isStarted()) {
      return;
    }
    try {
      heed();
    } catch (IOException e) {
      LOG.debug("the first set can't be kept", e);
    }
  }

  /** Puts back what of the copies is gone. */
  synchronized void keepCopies() throws IOException {
    copies.keep();
  }

  /** Takes up the files as they stand, now. */
  public synchronized State reload() throws IOException {
    try {
      take(FileSet.read(previews.places()));
      reads.see(onDisk.hash());
      return follow();
    } catch (CannotStartException e) {
      refuseUnreadable(e);
      return state;
    }
  }

  private void take(FileSet seen) {
    onDisk = seen;
    unreadable = false;
    lastRefused = null;
  }

  /** As long as a file can't be read, nobody knows which set the files are. */
  private void refuseUnreadable(CannotStartException why) {
    unreadable = true;
    refuse(Mistake.of(BrokenSetException.of(why)));
  }

  private void refuse(Mistake mistake) {
    state = state.with(mistake);
    LOG.warn("{}; what was live before, {}, stays live", mistake, state.live());
  }

  /**
   * Asks all nodes to put an earlier set back, until files change. They do once this is committed,
   * this one by {@link #follow()} at once.
   *
   * @return false when the ledger has no such set
   */
  public synchronized boolean rollBack(String hash, String actor) {
    if (sets.find(hash).isEmpty()) {
      return false;
    }
    sets.rollBack(hash, onDisk.hash(), actor);
    return true;
  }

  /**
   * Ends a rollback: the files go live again, on every node, likewise.
   *
   * @return false when none is in force here
   */
  public synchronized boolean endRollback() {
    if (rollback().isEmpty()) {
      return false;
    }
    sets.endRollback();
    return true;
  }

  /** Puts live what is asked for: the files, or an earlier set. */
  public synchronized State follow() throws IOException {
    lastRefused = null;
    lookAtStarted();
    heed();
    return state;
  }

  /**
   * A mistake must not keep webhooks out, so the service starts with it, and says so until it is
   * mended: in the files, or in the database that lacked what they name.
   */
  private void lookAtStarted() throws IOException {
    if (started == null) {
      return;
    }
    try {
      started.check();
      started.checkObjects();
      previews.checkStatements(started, started.names());
      ofLive = null;
      started = null;
    } catch (BrokenSetException e) {
      ofLive = Mistake.of(e);
      state = state.with(ofLive);
      LOG.error("{}; the service started with it, and what needs it fails", ofLive);
    }
  }

  private void heed() throws IOException {
    if (ofLive == null) {
      lookAtStarted();
    }
    keepFirst();
    askedFor = sets.rollback();
    use(wanted());
  }

  /** The files of a set, and which of them differ from those that are live. */
  public synchronized Optional<Difference> compare(String hash) throws IOException {
    keepFirst();
    Optional<FileSet> found = sets.find(hash);
    return found.map(set -> new Difference(hash, set.files(), set.differencesTo(live.set())));
  }

  /**
   * The sets that were live, the newest first.
   *
   * @param before an id of the list: only older sets; null means any
   */
  public List<Map<String, Object>> sets(Long before, int atMost) {
    return sets.all(before, atMost);
  }

  /** The texts that are live, by name. */
  public synchronized Map<String, String> texts() throws IOException {
    keepFirst();
    return live.set().files();
  }

  /** A set beside the live one. */
  public record Difference(String hash, Map<String, String> files, Set<String> differFromLive) {}

  /** The service starts without the ledger too, so the first set is kept later. */
  private void keepFirst() throws IOException {
    if (!kept) {
      sets.keep(live.set());
      kept = true;
    }
  }

  private FileSet wanted() {
    Optional<Rollback> back = rollback();
    if (back.isEmpty()) {
      return onDisk;
    }
    String hash = back.get().hash();
    return hash.equals(live.set().hash()) ? live.set() : sets.find(hash).orElse(onDisk);
  }

  private void use(FileSet wanted) {
    if (wanted.hash().equals(live.set().hash())) {
      if (!unreadable && !Objects.equals(state.mistake(), ofLive)) {
        LOG.info("the files are as they are live, {}", wanted.hash());
        state = state.with(ofLive);
      }
      lastRefused = null;
      return;
    }
    if (wanted.hash().equals(lastRefused)) {
      return;
    }
    CandidateSet candidate = null;
    Mistake mistake;
    try {
      Optional<CandidateSet> copy = copyOf(wanted);
      if (copy.isEmpty()) {
        return;
      }
      candidate = copy.get();
      candidate.checkObjects();
      LiveConfig.redaction(wanted);
      previews.tryOut(candidate, wanted.differencesTo(live.set()));
      swap(new Placed(wanted, candidate.file("")));
      return;
    } catch (BrokenSetException e) {
      mistake = Mistake.of(e);
    } catch (DataAccessException | TransactionException e) {
      drop(candidate);
      throw e;
    } catch (Exception e) {
      mistake = mistakeOf(e, candidate);
    }
    lastRefused = wanted.hash();
    refuse(mistake);
    drop(candidate);
  }

  private void drop(CandidateSet refused) {
    if (refused != null) {
      copies.drop(refused);
    }
  }

  /** A folder for temporary files that is full says nothing about a set: it is tried again. */
  private Optional<CandidateSet> copyOf(FileSet wanted) throws BrokenSetException {
    try {
      return Optional.of(copies.add(wanted));
    } catch (IOException e) {
      Mistake trouble = new Mistake(null, null, null, e.getMessage());
      if (!trouble.equals(state.mistake())) {
        refuse(trouble);
      }
      return Optional.empty();
    }
  }

  private void swap(Placed wanted) throws Exception {
    Placed old = live;
    Set<String> changed = wanted.set().differencesTo(old.set());
    sets.keep(wanted.set());
    routes.swap(old, wanted, changed, set -> config.use(set, changed, onDisk));
    live = wanted;
    started = null;
    ofLive = null;
    state = new State(wanted.set().hash(), Instant.now(), watching, null);
    lastRefused = null;
    LOG.info("live is now {}, with changes in {}", wanted.set().hash(), String.join(", ", changed));
    tidy(old);
  }

  /** Copies go that no route is bound to; the last stays for whoever is about to read of it. */
  private void tidy(Placed last) {
    Set<Path> needed = new HashSet<>(routes.copiesInUse());
    needed.addAll(List.of(last.folder(), live.folder()));
    copies.tidy(needed, routes::forget);
  }

  /** A route that can't be made or started names itself; its file and line are looked up. */
  private Mistake mistakeOf(Exception failure, CandidateSet candidate) {
    if (candidate == null) {
      return new Mistake(null, null, null, String.valueOf(failure.getMessage()));
    }
    return Mistake.of(BrokenSetException.ofRoute(failure, candidate.file(""), previews.names()));
  }

  @Override
  public void destroy() throws IOException {
    copies.removeAll();
  }

  /** A mistake takes nothing out of service: what was live before stays live. */
  @Override
  public Health health() {
    State now = state;
    Health.Builder health =
        now.mistake() == null
            ? Health.up()
            : Health.status("DEGRADED").withDetail("mistake", now.mistake().toString());
    return health.withDetail("live", now.live()).withDetail("since", now.since()).build();
  }
}
