package io.commercewebhooks.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** What this machine can do at best, so that one sees how far a service is from it. */
final class Limits {

  private static final Duration TIME = Duration.ofSeconds(2);
  private static final int CONNECTIONS = 16;
  private static final int BLOCK = 8192;

  private Limits() {}

  /** Rows per second of some 1 KB, each committed by itself, over sixteen connections. */
  static double insertsPerSecond(DataSource database) {
    try (Connection connection = database.getConnection()) {
      connection.createStatement().execute("create table row_rate (number bigserial, text text)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    long rows =
        SideBySide.run(CONNECTIONS, () -> insert(database)).stream()
            .mapToLong(Long::longValue)
            .sum();
    return rows / (double) TIME.toSeconds();
  }

  private static long insert(DataSource database) throws SQLException {
    long rows = 0;
    long end = System.nanoTime() + TIME.toNanos();
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("insert into row_rate (text) values (?)")) {
      insert.setString(1, "x".repeat(1000));
      while (System.nanoTime() < end) {
        insert.executeUpdate();
        rows++;
      }
    }
    return rows;
  }

  /** How often a second a block gets to the disk that the ledger is on. */
  static double syncsPerSecond() {
    try {
      Path file = Files.createTempFile("benchmark", ".sync");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        long end = System.nanoTime() + TIME.toNanos();
        long syncs = 0;
        while (System.nanoTime() < end) {
          channel.write(ByteBuffer.allocate(BLOCK), 0);
          channel.force(false);
          syncs++;
        }
        return syncs / (double) TIME.toSeconds();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
