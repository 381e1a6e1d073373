package io.commercewebhooks.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadCapability;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JacksonFeatureSet;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * JSON read as the standard says and no other way: UTF-8 only, no duplicate keys, nothing after the
 * end, bounded depth and numbers. Decimals keep every digit. What comes as bytes, as a webhook
 * does, has so many names and values at most: a megabyte of brackets would take a hundred of heap.
 */
public final class StrictJson {

  static final int DEEPEST = 200;

  /** Names, values and brackets of a body: more than a megabyte of line items has. */
  static final int MOST_PARTS = 150_000;

  private static final int LONGEST_NUMBER = 100;

  /** What this thread wrote last, until the next garbage collection. */
  private static final ThreadLocal<WeakReference<Written>> LAST_WRITTEN = new ThreadLocal<>();

  private StrictJson() {}

  private record Written(String text, JsonNode tree) {}

  /**
   * Writes a tree as text. A mapper of this class that is given that very text next, by the same
   * thread, gives the tree back instead of reading it: a webhook is read once and not by each who
   * looks into it. So nobody may change the tree afterwards.
   */
  static String write(JsonNode tree) {
    String text = tree.toString();
    LAST_WRITTEN.set(new WeakReference<>(new Written(text, tree)));
    return text;
  }

  public static ObjectMapper mapper() {
    JsonFactory factory =
        new Utf8Factory(
            builder(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build()));
    return new JsonMapper.Builder(new RememberingMapper(factory))
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  /**
   * How what senders write is read. Names aren't remembered from one text to the next: some that
   * are made to collide would break the memory that all texts share.
   */
  static JsonFactoryBuilder builder(StreamReadConstraints constraints) {
    return new JsonFactoryBuilder()
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .streamReadConstraints(constraints);
  }

  private static final class RememberingMapper extends JsonMapper {

    private static final long serialVersionUID = 1L;

    RememberingMapper(JsonFactory factory) {
      super(factory);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // to compare letters would cost what is spared
    public JsonNode readTree(String text) throws JsonProcessingException {
      WeakReference<Written> last = LAST_WRITTEN.get();
      Written written = last == null ? null : last.get();
      return written != null && written.text == text ? written.tree : super.readTree(text);
    }
  }

  /**
   * A parser that gives up when there is more than {@link #MOST_PARTS} of it.
   *
   * @param parser of a body, or of a text in it
   */
  static JsonParser bounded(JsonParser parser) {
    return new Bounded(parser);
  }

  private static class Bounded extends JsonParserDelegate {

    private int parts;

    Bounded(JsonParser parser) {
      super(parser);
    }

    @Override
    public JsonToken nextToken() throws IOException {
      if (++parts > MOST_PARTS) {
        throw new MalformedWebhookException("the body holds too many names and values");
      }
      return super.nextToken();
    }

    /** Of a name that a text in a body has twice, each value counts; a body has none twice. */
    @Override
    public JacksonFeatureSet<StreamReadCapability> getReadCapabilities() {
      return super.getReadCapabilities().with(StreamReadCapability.DUPLICATE_PROPERTIES);
    }
  }

  /** A body: it has so much in it at most, and no number beyond all integers. */
  private static final class BoundedBody extends Bounded {

    BoundedBody(JsonParser parser) {
      super(parser);
    }

    /** Jackson takes an exponent beyond all integers for a failure of its own, and quotes it. */
    @Override
    public BigDecimal getDecimalValue() throws IOException {
      try {
        return super.getDecimalValue();
      } catch (ArithmeticException | NumberFormatException e) {
        throw new MalformedWebhookException("the body holds a number beyond all use");
      }
    }
  }

  /** Decodes bytes itself, so that no other encoding is guessed and no bad byte is replaced. */
  private static final class Utf8Factory extends JsonFactory {

    private static final long serialVersionUID = 1L;

    Utf8Factory(JsonFactoryBuilder builder) {
      super(builder);
    }

    @Override
    public JsonParser createParser(byte[] bytes) throws IOException {
      return new BoundedBody(createParser(decode(ByteBuffer.wrap(bytes))));
    }

    @Override
    public JsonParser createParser(byte[] bytes, int offset, int length) throws IOException {
      return new BoundedBody(createParser(decode(ByteBuffer.wrap(bytes, offset, length))));
    }

    @Override
    public JsonParser createParser(InputStream in) throws IOException {
      return createParser(in.readAllBytes());
    }

    private static String decode(ByteBuffer bytes) throws MalformedWebhookException {
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(bytes)
                .toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
      } catch (CharacterCodingException e) {
        throw new MalformedWebhookException("the body is not UTF-8");
      }
    }
  }
}
