package io.commercewebhooks.config;

import io.commercewebhooks.CannotStartException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files that people write, with whatever editor. */
public final class WrittenText {

  /** What lies here by mistake, a log or a dump, would take the memory of the service. */
  private static final int LARGEST = 1 << 20;

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private WrittenText() {}

  /**
   * The text of a file, without the mark that some editors put before it.
   *
   * @param name what people call it
   * @throws CannotStartException with line and column when it isn't UTF-8, or has a NUL, which no
   *     text has and the ledger doesn't keep; likewise when nobody may read it, it is too large, or
   *     a link leads to nothing
   */
  public static String of(Path file, String name) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(file, name));
    CharBuffer decoded = CharBuffer.allocate(bytes.remaining());
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    boolean wrong = utf8.decode(bytes, decoded, true).isError();
    String text = decoded.flip().toString();
    int none = text.indexOf('\0');
    if (wrong || none >= 0) {
      String before = none < 0 ? text : text.substring(0, none);
      throw new CannotStartException(
          "%s, line %d, column %d: what stands here isn't UTF-8%s; save the file as UTF-8"
              .formatted(
                  name,
                  before.split("\n", -1).length,
                  before.length() - before.lastIndexOf('\n'),
                  none < 0 ? "" : ", but a NUL, as UTF-16 has many"));
    }
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }

  private static byte[] bytes(Path file, String name) throws IOException {
    try {
      if (Files.size(file) > LARGEST) {
        throw new CannotStartException(
            name
                + ", line 1, column 1: it is larger than a megabyte, as nobody writes a file; put"
                + " back what was in it");
      }
      return Files.readAllBytes(file);
    } catch (AccessDeniedException e) {
      throw unreadable(name, e);
    } catch (NoSuchFileException e) {
      if (Files.isSymbolicLink(file)) {
        throw new CannotStartException(
            name + ", line 1, column 1: this link leads to no file; mend it, or delete it", e);
      }
      throw e;
    }
  }

  static CannotStartException unreadable(String name, AccessDeniedException denied) {
    return new CannotStartException(
        name + ", line 1, column 1: the user of the service may not read it; give it the right to",
        denied);
  }
}
