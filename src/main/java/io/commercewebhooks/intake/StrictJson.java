package io.commercewebhooks.intake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * JSON read as the standard says and no other way: UTF-8 only, no duplicate keys, nothing after the
 * end, bounded depth and numbers. Decimals keep every digit.
 */
public final class StrictJson {

  static final int DEEPEST = 200;

  private static final int LONGEST_NUMBER = 100;

  private StrictJson() {}

  public static ObjectMapper mapper() {
    JsonFactory factory = new Utf8Factory();
    factory.setStreamReadConstraints(
        StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxNumberLength(LONGEST_NUMBER)
            .build());
    return JsonMapper.builder(factory)
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  /** Jackson takes an exponent beyond all integers for a failure of its own, and quotes it. */
  private static final class BoundedNumbers extends JsonParserDelegate {

    BoundedNumbers(JsonParser parser) {
      super(parser);
    }

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

    @Override
    public JsonParser createParser(byte[] bytes) throws IOException {
      return new BoundedNumbers(createParser(decode(ByteBuffer.wrap(bytes))));
    }

    @Override
    public JsonParser createParser(byte[] bytes, int offset, int length) throws IOException {
      return new BoundedNumbers(createParser(decode(ByteBuffer.wrap(bytes, offset, length))));
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
