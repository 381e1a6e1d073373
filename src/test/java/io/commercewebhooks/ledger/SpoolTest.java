package io.commercewebhooks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.intake.StrictJson;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** What the spool takes is on the disk and whole; what it can't take leaves nothing behind. */
class SpoolTest {

  private static final Instant NOW = Instant.parse("2026-11-27T10:00:00.123456Z");
  private static final DataAccessException AWAY =
      new DataAccessResourceFailureException("the ledger is away");

  @TempDir private Path temporary;

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<Spool> open = new ArrayList<>();
  private Path folder;

  @AfterEach
  void close() throws IOException {
    for (Spool spool : open) {
      spool.destroy();
    }
  }

  private Path folder() {
    if (folder == null) {
      folder = temporary.resolve("of-the-node").resolve("spool");
    }
    return folder;
  }

  private Spool spool(int mostEvents, DataSize mostSize, DataProtection protection) {
    Spool spool =
        new Spool(
            new SpoolSettings(folder().toString(), mostEvents, mostSize),
            StrictJson.mapper(),
            protection,
            metrics);
    open.add(spool);
    return spool;
  }

  private Spool spool() {
    return spool(100, DataSize.ofMegabytes(1), protection("a"));
  }

  /** Ends as a process does. */
  private void stop(Spool spool) throws IOException {
    spool.destroy();
    open.remove(spool);
  }

  private static DataProtection protection(String letters) {
    String keys =
        String.join(
            ",",
            Stream.of(letters.split(""))
                .map(l -> Base64.getEncoder().encodeToString(l.repeat(32).getBytes()))
                .toList());
    JdbcTemplate ledger =
        new JdbcTemplate() {
          @Override
          public int update(String sql, Object... arguments) {
            return 1;
          }

          @Override
          public <T> List<T> queryForList(String sql, Class<T> type, Object... arguments) {
            return List.of();
          }
        };
    return new DataProtection(new ProtectionSettings(keys, keys), ledger);
  }

  private static SealedEvent event(String id) {
    DataProtection protection = protection("a");
    return new SealedEvent(
        id,
        "zoom-commerce",
        "quote-status-changed",
        "approved",
        "quote",
        "Q-1",
        null,
        protection.seal(id, SealedEvent.ATTRIBUTES, "{}"),
        "zoom-commerce-to-event",
        protection.seal(id, SealedEvent.BODY, "{\"name\":\"Zoë\"}"),
        List.of("hash"),
        protection.fingerprint(),
        "files",
        null);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(folder())) {
      return all.filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(".lock"))
          .sorted()
          .toList();
    }
  }

  private double gauge(String name) {
    return metrics.get("commerce.webhooks.spool." + name).gauge().value();
  }

  private void doesNotTake(Spool spool, String id) {
    assertThatThrownBy(() -> spool.take(event(id), NOW, AWAY)).isSameAs(AWAY);
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void why_the_ledger_takes_nothing_is_said_with_the_first_event(CapturedOutput output) {
    Spool spool = spool();
    SQLException why = new SQLException("there is no unique constraint", "42P10");
    spool.take(event("1"), NOW, new UncategorizedSQLException("keep", "insert", why));
    spool.take(event("2"), NOW, AWAY);

    assertThat(output)
        .containsOnlyOnce("until it is back")
        .contains("until it is back: there is no unique constraint");
  }

  @Test
  void an_event_is_read_as_it_was_taken_and_happened_when_it_came() throws IOException {
    Spool spool = spool();
    SealedEvent event = event("zoom-commerce:1");
    spool.take(event, NOW, AWAY);

    assertThat(names()).hasSize(1);
    assertThat(spool.read(names().get(0))).isEqualTo(event.orOccurredAt(NOW.toString()));
    assertThat(gauge("events")).isEqualTo(1);
    assertThat(gauge("oldest")).isGreaterThanOrEqualTo(0);
    spool.done(names().get(0));
    assertThat(gauge("events")).isZero();
    assertThat(gauge("oldest")).isZero();
  }

  @Test
  void files_are_for_the_owner_alone_and_hold_nothing_in_the_clear() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    spool().take(event("zoom-commerce:1"), NOW, AWAY);

    Path file = folder().resolve(names().get(0));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
    assertThat(Files.readString(file)).contains("enc:").doesNotContain("Zoë", "name\\\"");
  }

  @Test
  void names_are_in_the_order_of_arrival_even_when_the_clock_stands_still() throws IOException {
    Spool spool = spool();
    IntStream.range(0, 12).forEach(i -> spool.take(event("zoom-commerce:" + i), NOW, AWAY));

    assertThat(names().stream().map(name -> spool.read(name).id()))
        .containsExactlyElementsOf(
            IntStream.range(0, 12).mapToObj(i -> "zoom-commerce:" + i).toList());
  }

  @Test
  void what_an_earlier_run_left_counts_and_new_ones_come_behind_it() throws IOException {
    Spool before = spool();
    before.take(event("zoom-commerce:1"), NOW, AWAY);
    stop(before);
    metrics.clear();
    Spool spool = spool(2, DataSize.ofMegabytes(1), protection("a"));
    spool.take(event("zoom-commerce:2"), NOW.minusSeconds(60), AWAY);

    assertThat(gauge("events")).isEqualTo(2);
    assertThat(spool.read(names().get(1)).id()).isEqualTo("zoom-commerce:2");
    doesNotTake(spool, "zoom-commerce:3");
  }

  @Test
  void above_its_bounds_it_takes_nothing_until_there_is_room_again() throws IOException {
    Spool spool = spool(2, DataSize.ofMegabytes(1), protection("a"));
    spool.take(event("zoom-commerce:1"), NOW, AWAY);
    spool.take(event("zoom-commerce:2"), NOW, AWAY);
    List<String> full = names();
    doesNotTake(spool, "zoom-commerce:3");
    assertThat(names()).isEqualTo(full);

    spool.done(full.get(0));
    spool.take(event("zoom-commerce:3"), NOW, AWAY);
    assertThat(gauge("events")).isEqualTo(2);
  }

  @Test
  void it_takes_no_more_bytes_than_it_may() throws IOException {
    Spool spool = spool(100, DataSize.ofBytes(1000), protection("a"));
    spool.take(event("zoom-commerce:1"), NOW, AWAY);

    doesNotTake(spool, "zoom-commerce:2");
    assertThat(names()).hasSize(1);
  }

  @Test
  void a_file_that_was_half_written_when_the_process_died_is_nothing() throws IOException {
    Spool before = spool();
    before.take(event("zoom-commerce:1"), NOW, AWAY);
    stop(before);
    String whole = names().get(0);
    byte[] content = Files.readAllBytes(folder().resolve(whole));
    Files.write(folder().resolve("1000.half"), Arrays.copyOf(content, content.length / 2));
    metrics.clear();
    Spool spool = spool();

    assertThat(names()).containsExactly(whole);
    assertThat(gauge("events")).isEqualTo(1);
    assertThat(spool.read(whole).id()).isEqualTo("zoom-commerce:1");
  }

  @Test
  void a_damaged_file_is_found_and_set_aside() throws IOException {
    Spool spool = spool();
    spool.take(event("zoom-commerce:1"), NOW, AWAY);
    String name = names().get(0);
    byte[] content = Files.readAllBytes(folder().resolve(name));
    for (byte[] damaged :
        List.of(
            new byte[0],
            Arrays.copyOf(content, 40),
            Arrays.copyOf(content, content.length - 1),
            new String(content).replace("approved", "rejected").getBytes())) {
      Files.write(folder().resolve(name), damaged, StandardOpenOption.TRUNCATE_EXISTING);
      assertThatThrownBy(() -> spool.read(name))
          .isInstanceOf(SpoiledEventException.class)
          .hasMessage("its file is damaged");
    }

    spool.setAside(name, new SpoiledEventException("its file is damaged"));
    assertThat(names()).isEmpty();
    assertThat(folder().resolve("set-aside").resolve(name)).exists();
    assertThat(gauge("events")).isZero();
    assertThat(gauge("set.aside")).isEqualTo(1);
    assertThat(spool.health().getStatus().getCode()).isEqualTo("DEGRADED");
  }

  @Test
  void a_payload_whose_key_is_gone_is_named_and_opens_when_it_is_back() throws IOException {
    Spool before = spool();
    before.take(event("zoom-commerce:1"), NOW, AWAY);
    stop(before);
    String name = names().get(0);
    Spool without = spool(100, DataSize.ofMegabytes(1), protection("b"));
    assertThatThrownBy(() -> without.read(name))
        .isInstanceOf(SpoiledEventException.class)
        .hasMessageContaining("sealed with a key we lack");
    stop(without);

    Spool with = spool(100, DataSize.ofMegabytes(1), protection("ba"));
    assertThat(with.read(name).id()).isEqualTo("zoom-commerce:1");
  }

  @Test
  void a_folder_that_became_a_file_takes_nothing_and_when_it_is_back_it_does() throws IOException {
    Spool spool = spool();
    Path away = temporary.resolve("away");
    Files.move(folder(), away);
    Files.writeString(folder(), "");
    doesNotTake(spool, "zoom-commerce:1");
    assertThat(gauge("events")).isZero();

    Files.delete(folder());
    Files.move(away, folder());
    spool.take(event("zoom-commerce:1"), NOW, AWAY);
    assertThat(names()).hasSize(1);
  }

  @Test
  void a_full_disk_takes_nothing_leaves_nothing_and_takes_again_when_it_has_room()
      throws Exception {
    folder = temporary.resolve("small");
    Files.createDirectories(folder);
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.toString()),
        "a small disk can only be mounted by root");
    try {
      Spool spool = spool();
      Path filler = folder.resolve("filler");
      Files.write(filler, new byte[0]);
      assertThatThrownBy(
              () -> {
                while (true) {
                  Files.write(filler, new byte[512], StandardOpenOption.APPEND);
                }
              })
          .isInstanceOf(IOException.class);
      doesNotTake(spool, "zoom-commerce:1");
      assertThat(names()).containsExactly("filler");
      assertThat(gauge("events")).isZero();

      Files.delete(filler);
      spool.take(event("zoom-commerce:1"), NOW, AWAY);
      assertThat(spool.read(names().get(0)).id()).isEqualTo("zoom-commerce:1");
      close();
      open.clear();
    } finally {
      run("umount", folder.toString());
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void two_nodes_do_not_share_a_folder() {
    spool();

    assertThatThrownBy(this::spool)
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("SPOOL_FOLDER", folder().toString(), "another node");
  }

  @Test
  void a_folder_that_cannot_be_made_is_named() throws IOException {
    Files.writeString(temporary.resolve("of-the-node"), "");

    assertThatThrownBy(this::spool)
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("SPOOL_FOLDER")
        .hasMessageContaining("can't be written");
  }

  @Test
  void a_folder_that_nobody_would_empty_is_refused() {
    folder = temporary.resolve("sp%41ol");

    assertThatThrownBy(this::spool)
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("SPOOL_FOLDER (" + folder + ") has a %");
    assertThat(folder).doesNotExist();
  }

  @Test
  void without_a_folder_there_is_none_and_its_gauges_are_zero() {
    Spool off =
        new Spool(
            new SpoolSettings("", 1, DataSize.ofMegabytes(1)),
            StrictJson.mapper(),
            protection("a"),
            metrics);

    assertThat(off.isOn()).isFalse();
    assertThat(List.of(gauge("events"), gauge("oldest"), gauge("set.aside"))).containsOnly(0.0);
    assertThat(off.health().getStatus().getCode()).isEqualTo("UP");
    assertThat(FileSystemUtils.deleteRecursively(folder().toFile())).isFalse();
  }
}
