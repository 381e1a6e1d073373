package io.commercewebhooks.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.Sha256;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Events on disk that were acknowledged while the ledger was away, a file each, in the order of
 * their arrival; {@code routes/intake/spool} brings them to the ledger. Off without a folder.
 *
 * <p>A file is written under another name, forced to the disk and renamed, and the folder is forced
 * too, before the sender gets its 200: Camel's own file producer forces none of the two to the
 * disk. So a file that counts is whole, also after a power cut; its first line proves it. What a
 * file holds is what the ledger would: sealed, where payloads are.
 *
 * <p>How much waits is known without looking at the disk, which a node has for itself.
 */
@Component
public class Spool implements HealthIndicator, DisposableBean {

  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

  private static final String WAITING = ".event";
  private static final String HALF = ".half";
  private static final String SET_ASIDE = "set-aside";
  private static final int DIGITS_OF_SHA256 = 64;
  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  private final SpoolSettings settings;
  private final ObjectMapper json;
  private final DataProtection protection;
  private final Path folder;
  private final FileChannel lock;

  /** The sizes of the files that wait, by their names, which begin with the time of arrival. */
  private final TreeMap<String, Long> waiting = new TreeMap<>();

  private long size;
  private long newest;
  private boolean isInUse;
  private long drained;
  private long spoiled;

  /**
   * What a file holds.
   *
   * @param receivedAt when the webhook came, as ISO 8601
   */
  private record Spooled(String receivedAt, SealedEvent event) {}

  /**
   * Takes up what an earlier run left.
   *
   * @throws CannotStartException when the folder can't be written or emptied, or another node has
   *     it
   */
  Spool(
      SpoolSettings settings,
      @Qualifier("strictJson") ObjectMapper json,
      DataProtection protection,
      MeterRegistry metrics) {
    this.settings = settings;
    this.json = json;
    this.protection = protection;
    this.folder = settings.folder().isBlank() ? null : Path.of(settings.folder());
    this.lock = isOn() ? open() : null;
    Gauge.builder("commerce.webhooks.spool.events", this, Spool::waiting)
        .description("Events in the spool of this node, which wait for the ledger")
        .register(metrics);
    Gauge.builder("commerce.webhooks.spool.oldest", this, spool -> spool.age().toMillis() / 1000.0)
        .baseUnit("seconds")
        .description("How long the oldest event waits in the spool of this node")
        .register(metrics);
    Gauge.builder("commerce.webhooks.spool.set.aside", this, Spool::setAside)
        .description("Events of this node's spool that can never be kept, and wait for a person")
        .register(metrics);
  }

  private FileChannel open() {
    if (settings.folder().contains("%")) {
      throw new CannotStartException(
          "SPOOL_FOLDER (" + folder + ") has a % in it, by which its route would look elsewhere");
    }
    try {
      Files.createDirectories(folder, ownerOnly("rwx------"));
      Files.createDirectories(folder.resolve(SET_ASIDE), ownerOnly("rwx------"));
      FileChannel channel =
          FileChannel.open(
              folder.resolve(".lock"),
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              ownerOnly("rw-------"));
      if (!isMine(channel)) {
        channel.close();
        throw new CannotStartException(
            "SPOOL_FOLDER (%s) is in use by another node; give each a folder of its own"
                .formatted(folder));
      }
      takeUp();
      return channel;
    } catch (IOException e) {
      throw new CannotStartException(
          "SPOOL_FOLDER (%s) can't be written: %s".formatted(folder, e), e);
    }
  }

  private static boolean isMine(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private void takeUp() throws IOException {
    for (Path file : files(folder)) {
      String name = file.getFileName().toString();
      if (name.endsWith(HALF)) {
        // nobody was told that it is kept
        Files.delete(file);
      } else if (name.matches("\\d+\\" + WAITING)) {
        waiting.put(name, Files.size(file));
        size += Files.size(file);
        newest = Math.max(newest, number(name));
      }
    }
    if (!waiting.isEmpty()) {
      isInUse = true;
      LOG.warn("{} events are in the spool from before; the ledger gets them now", waiting.size());
    }
  }

  private static Path[] files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isRegularFile).toArray(Path[]::new);
    }
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return POSIX
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  boolean isOn() {
    return folder != null;
  }

  /**
   * Takes an event that the ledger can't. When this returns, it is on the disk for good.
   *
   * @param why what the ledger's trouble is; thrown when the spool can't take it either
   */
  void take(SealedEvent event, Instant receivedAt, RuntimeException why) {
    Path half = null;
    String name = null;
    try {
      byte[] content = write(event, receivedAt);
      name = reserve(receivedAt, content.length);
      half = folder.resolve(name.replace(WAITING, HALF));
      writeDown(half, content);
      sayWhenFirst(why);
      Files.move(half, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      force(folder);
      LOG.info("{} is in the spool, until the ledger is back", event.id());
    } catch (IOException | RuntimeException e) {
      if (name != null) {
        giveUp(name, half);
      }
      LOG.warn("the spool can't take an event either: {}", e.toString());
      why.addSuppressed(e);
      throw why;
    }
  }

  private byte[] write(SealedEvent event, Instant receivedAt) throws IOException {
    String time = receivedAt.toString();
    byte[] text = json.writeValueAsBytes(new Spooled(time, event.orOccurredAt(time)));
    byte[] proof = (Sha256.of(text) + "\n").getBytes(UTF_8);
    return ByteBuffer.allocate(proof.length + text.length).put(proof).put(text).array();
  }

  /** Gives a name behind all others, if there is room. */
  private synchronized String reserve(Instant receivedAt, int length) throws IOException {
    if (waiting.size() >= settings.mostEvents() || size + length > settings.mostSize().toBytes()) {
      throw new IOException("it is full, with %d events".formatted(waiting.size()));
    }
    newest = Math.max(newest + 1, ChronoUnit.MICROS.between(Instant.EPOCH, receivedAt));
    String name = newest + WAITING;
    waiting.put(name, (long) length);
    size += length;
    return name;
  }

  private static void writeDown(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownerOnly("rw-------"))) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        channel.write(left);
      }
      channel.force(true);
    }
  }

  /** A name is on the disk when its folder is; where folders can't be opened, nobody can ask. */
  private static void force(Path folder) throws IOException {
    if (POSIX) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private void giveUp(String name, Path half) {
    forget(name);
    try {
      Files.deleteIfExists(half);
      Files.deleteIfExists(folder.resolve(name));
    } catch (IOException e) {
      LOG.warn("what could not be written to the spool can't be deleted: {}", e.toString());
    }
  }

  /**
   * Reads an event that waits.
   *
   * @param name of its file
   * @throws SpoiledEventException when the file is damaged, or its payload can't be opened
   */
  public SealedEvent read(@Header(Exchange.FILE_NAME) String name) {
    try {
      byte[] content = Files.readAllBytes(folder.resolve(name));
      int begin = Math.min(DIGITS_OF_SHA256 + 1, content.length);
      byte[] text = Arrays.copyOfRange(content, begin, content.length);
      if (!new String(content, 0, begin, UTF_8).equals(Sha256.of(text) + "\n")) {
        throw new SpoiledEventException("its file is damaged");
      }
      Spooled spooled = json.readValue(text, Spooled.class);
      SealedEvent event = spooled.event();
      protection.open(event.id(), SealedEvent.BODY, event.body());
      LOG.info("{} was received at {} and comes from the spool", event.id(), spooled.receivedAt());
      return event;
    } catch (SpoiledEventException e) {
      throw e;
    } catch (IllegalStateException e) {
      throw new SpoiledEventException(e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      throw new SpoiledEventException("its file can't be read", e);
    }
  }

  /** Notes that the ledger has an event; its file can go. */
  public void done(@Header(Exchange.FILE_NAME) String name) {
    if (forget(name)) {
      synchronized (this) {
        drained++;
      }
    }
    sayWhenEmpty();
  }

  /** Puts the file of an event that can never be kept where it is in nobody's way. */
  public void setAside(@Header(Exchange.FILE_NAME) String name, Exception why) throws IOException {
    Path aside = folder.resolve(SET_ASIDE).resolve(name);
    try {
      Files.move(folder.resolve(name), aside, StandardCopyOption.ATOMIC_MOVE);
      LOG.error(
          "an event in the spool can't be kept, {}; its file is set aside: {}",
          why.getMessage(),
          aside);
    } catch (NoSuchFileException e) {
      LOG.warn("an event is gone from the spool: {}", name);
    }
    if (forget(name)) {
      synchronized (this) {
        spoiled++;
      }
    }
    sayWhenEmpty();
  }

  private synchronized void sayWhenFirst(Exception why) {
    if (!isInUse) {
      isInUse = true;
      LOG.warn(
          "the ledger is away: events go to the spool {} until it is back: {}",
          folder,
          LedgerTrouble.said(why).orElse(why.getMessage()));
    }
  }

  private synchronized boolean forget(String name) {
    Long length = waiting.remove(name);
    if (length != null) {
      size -= length;
    }
    return length != null;
  }

  private synchronized void sayWhenEmpty() {
    if (isInUse && waiting.isEmpty()) {
      LOG.info(
          "the spool is drained: the ledger has {} events of it, {} were set aside",
          drained,
          spoiled);
      isInUse = false;
      drained = 0;
      spoiled = 0;
    }
  }

  private synchronized int waiting() {
    return waiting.size();
  }

  private synchronized Duration age() {
    if (waiting.isEmpty()) {
      return Duration.ZERO;
    }
    Instant oldest = Instant.EPOCH.plus(number(waiting.firstKey()), ChronoUnit.MICROS);
    Duration age = Duration.between(oldest, Instant.now());
    return age.isNegative() ? Duration.ZERO : age;
  }

  private static long number(String name) {
    return Long.parseLong(name.substring(0, name.length() - WAITING.length()));
  }

  private int setAside() {
    try {
      return isOn() ? files(folder.resolve(SET_ASIDE)).length : 0;
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the spool can't be looked at", e);
      return 0;
    }
  }

  /** Who works on though the ledger is away is degraded, not down. */
  @Override
  public Health health() {
    if (!isOn()) {
      return Health.up().withDetail("on", false).build();
    }
    int events = waiting();
    int aside = setAside();
    return (events + aside == 0 ? Health.up() : Health.status("DEGRADED"))
        .withDetail("on", true)
        .withDetail("events", events)
        .withDetail("oldestSeconds", age().toSeconds())
        .withDetail("setAside", aside)
        .build();
  }

  @Override
  public void destroy() throws IOException {
    if (lock != null) {
      lock.close();
    }
  }
}
