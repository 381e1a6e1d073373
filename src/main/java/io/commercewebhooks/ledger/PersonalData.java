package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.commercewebhooks.FieldName;
import io.commercewebhooks.intake.MalformedWebhookException;
import io.commercewebhooks.intake.Redactor;
import java.text.Normalizer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/**
 * Finds what is about a person in a payload, and keeps it from eyes that don't need it: also in the
 * names of fields, and in JSON that is written as a text.
 */
@Component
public class PersonalData {

  /** What names a person to the ledger. */
  public enum Kind {
    EMAIL("email"),
    PROFILE("profileId"),
    ACCOUNT("accountId"),
    /** No person: the number of something else that the event is about too. */
    NUMBER("number");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As the API says it. */
    public String word() {
      return word;
    }
  }

  /**
   * What names somebody, of one kind.
   *
   * @param value as somebody wrote it
   */
  public record Person(Kind kind, String value) {
    /** The same kind of name, for another. */
    Person of(String other) {
      return new Person(kind, other);
    }
  }

  private static final String MASK = "****";

  /** A shorter value says little, and would tear holes into the words around it. */
  private static final int SHORTEST_VALUE = 3;

  /** More than a webhook ever names; a bound for one that is made of nothing else. */
  private static final int MOST_PEOPLE = 2_000;

  private static final int SHORTEST_BEGINNING = 16;
  private static final int LONGEST_WORDS = 500;

  private static final String DOMAIN =
      "@(?:[\\p{L}\\p{M}\\p{N}-]{1,63}\\.){1,8}(?:xn--[a-zA-Z0-9-]{1,59}|[\\p{L}\\p{M}]{2,63})";

  private static final Pattern EMAIL =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}._%+'-]{1,64}+" + DOMAIN);

  /** Alone, an address may have signs that in a text stand around it, as in {@code to=kim@…}. */
  private static final Pattern EMAIL_ALONE =
      Pattern.compile("\\s*[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~.-]{1,64}" + DOMAIN + "\\s*");

  private final Set<String> mask;
  private final Map<Kind, Set<String>> names;

  /** Those names without their parents: hardly any field has one of them. */
  private final Set<String> bareNames;

  private final DataProtection protection;
  private final Redactor redactor;
  private final ObjectMapper json;

  PersonalData(
      PersonalDataSettings settings,
      DataProtection protection,
      Redactor redactor,
      @Qualifier("strictJson") ObjectMapper json) {
    this.mask = normal(settings.mask());
    this.names =
        Map.of(
            Kind.PROFILE,
            normal(settings.profileId()),
            Kind.ACCOUNT,
            normal(settings.accountId()),
            Kind.NUMBER,
            normal(settings.number()));
    this.bareNames =
        names.values().stream()
            .flatMap(Set::stream)
            .map(name -> name.substring(name.lastIndexOf('.') + 1))
            .collect(Collectors.toUnmodifiableSet());
    this.protection = protection;
    this.redactor = redactor;
    this.json = json;
  }

  /** The hashes of everybody whom a payload names. */
  List<String> peopleIn(String body) {
    Set<String> people = new LinkedHashSet<>();
    BiConsumer<Kind, String> found =
        (kind, value) -> {
          if (people.size() < MOST_PEOPLE) {
            people.add(protection.hash(kind.word(), normal(kind, value)));
          }
        };
    find(read(body), "", "", found);
    return List.copyOf(people);
  }

  /** All hashes under which a person may be found. */
  List<String> hashesOf(Person person) {
    return protection.hashes(person.kind().word(), normal(person.kind(), person.value()));
  }

  /** The hash that names a person where the person's own value must not stay. */
  String pseudonym(Person person) {
    String kind = person.kind().word();
    return kind + ":" + protection.hash(kind, normal(person.kind(), person.value()));
  }

  private void find(JsonNode node, String parent, String name, BiConsumer<Kind, String> found) {
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        findEmails(field.getKey(), found);
        find(field.getValue(), name, FieldName.plain(field.getKey()), found);
      }
    } else if (node.isArray()) {
      node.forEach(item -> find(item, parent, name, found));
    } else if (node.isTextual() || node.isNumber()) {
      if (bareNames.contains(name) && !node.asText().isBlank()) {
        names.forEach(
            (kind, fields) -> {
              if (fields.contains(name) || fields.contains(parent + "." + name)) {
                found.accept(kind, node.asText());
              }
            });
      }
      if (node.isTextual()) {
        JsonNode inside = jsonIn(node);
        if (inside != null) {
          find(inside, parent, name, found);
        }
        findEmails(node.textValue(), found);
      }
    }
  }

  private static void findEmails(String text, BiConsumer<Kind, String> found) {
    if (text.indexOf('@') > 0) {
      // of "crm/kim@example.com" nobody knows whether the first part belongs to it
      EMAIL.matcher(text).results().forEach(email -> found.accept(Kind.EMAIL, email.group()));
      emails(text).results().forEach(email -> found.accept(Kind.EMAIL, email.group()));
    }
  }

  /** What a text holds that is JSON, or null; one with too much of it was never let in. */
  private static JsonNode jsonIn(JsonNode leaf) {
    try {
      return leaf.isTextual() ? Redactor.jsonIn(leaf.textValue()) : null;
    } catch (MalformedWebhookException e) {
      return null;
    }
  }

  /** A payload as it may be shown to those who don't need to know the person. */
  JsonNode masked(String body) {
    // a copy, since what was just written is not read anew for each (StrictJson)
    return each(read(body).deepCopy(), false, PersonalData::masked);
  }

  private static JsonNode masked(JsonNode leaf, boolean personal) {
    if (personal && !leaf.isNull() && !leaf.isBoolean() && !leaf.asText().isEmpty()) {
      return TextNode.valueOf(MASK);
    }
    return leaf.isTextual() ? TextNode.valueOf(withoutEmails(leaf.textValue())) : leaf;
  }

  /** What a value becomes, and the name of a field, which is never personal. */
  interface Leaf {
    JsonNode of(JsonNode leaf, boolean personal);
  }

  /** Changes a payload value by value; what is below a field about a person is personal too. */
  JsonNode each(JsonNode node, boolean personal, Leaf change) {
    if (node instanceof ObjectNode object) {
      Map<String, JsonNode> changed = new LinkedHashMap<>();
      Map<String, Integer> alike = new HashMap<>();
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        String name = change.of(TextNode.valueOf(field.getKey()), false).asText();
        name = FieldName.free(name, changed.keySet(), alike);
        changed.put(name, each(field.getValue(), personal || isPersonal(field.getKey()), change));
      }
      return object.removeAll().setAll(changed);
    }
    if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, each(array.get(i), personal, change));
      }
      return array;
    }
    JsonNode inside = personal ? null : jsonIn(node);
    if (inside == null) {
      return change.of(node, personal);
    }
    String before = inside.toString();
    String after = each(inside, false, change).toString();
    return after.equals(before) ? node : TextNode.valueOf(after);
  }

  /**
   * The words of a failure, not too long, without what a target or a mapping may have quoted in
   * them: card numbers, and what the payloads say of people.
   */
  String clean(String words, List<Event> events) {
    if (words == null) {
      return null;
    }
    Set<String> values = new LinkedHashSet<>();
    events.forEach(event -> personalValues(read(event.body()), false, values));
    String clean = redactor.text(words);
    for (String value :
        values.stream().sorted(Comparator.comparing(String::length).reversed()).toList()) {
      clean = withoutBeginning(clean.replace(value, MASK), value);
    }
    // not before: half a value would not be found
    return clean.length() <= LONGEST_WORDS ? clean : clean.substring(0, LONGEST_WORDS) + "…";
  }

  /** An operator's words without addresses and card numbers, which don't belong into them. */
  public String plain(String words) {
    return withoutEmails(redactor.text(words));
  }

  /** Whether something in a text would be masked. */
  boolean namesSomebody(String text) {
    return !each(TextNode.valueOf(text), false, PersonalData::masked).asText().equals(text);
  }

  /** Whoever quotes a long text may quote its beginning only. */
  private static String withoutBeginning(String words, String value) {
    if (value.length() <= SHORTEST_BEGINNING) {
      return words;
    }
    String beginning = value.substring(0, SHORTEST_BEGINNING);
    StringBuilder clean = new StringBuilder();
    int from = 0;
    for (int at = words.indexOf(beginning); at >= 0; at = words.indexOf(beginning, from)) {
      int same = SHORTEST_BEGINNING;
      while (same < value.length()
          && at + same < words.length()
          && value.charAt(same) == words.charAt(at + same)) {
        same++;
      }
      clean.append(words, from, at).append(MASK);
      from = at + same;
    }
    return clean.append(words, from, words.length()).toString();
  }

  private void personalValues(JsonNode node, boolean personal, Set<String> values) {
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        addEmails(field.getKey(), values);
        personalValues(field.getValue(), personal || isPersonal(field.getKey()), values);
      }
    } else if (node.isArray()) {
      node.forEach(item -> personalValues(item, personal, values));
    } else if (node.isTextual() || node.isNumber()) {
      String text = node.asText();
      JsonNode inside = jsonIn(node);
      if (inside != null) {
        personalValues(inside, personal, values);
      }
      if (personal && text.strip().length() >= SHORTEST_VALUE) {
        values.add(text.strip());
      }
      addEmails(text, values);
    }
  }

  private static void addEmails(String text, Set<String> values) {
    if (text.indexOf('@') > 0) {
      emails(text).results().forEach(email -> values.add(email.group().strip()));
    }
  }

  private static String withoutEmails(String text) {
    return text.indexOf('@') < 0 ? text : emails(text).replaceAll(MASK);
  }

  private static Matcher emails(String text) {
    Matcher alone = EMAIL_ALONE.matcher(text);
    return alone.matches() ? alone.reset() : EMAIL.matcher(text);
  }

  /** Whether a field of this name is about a person. */
  private boolean isPersonal(String field) {
    return mask.contains(FieldName.plain(field));
  }

  /** A text with another word for each e-mail address in it. */
  String replaceEmails(String text, Function<MatchResult, String> words) {
    return text.indexOf('@') < 0
        ? text
        : emails(text).replaceAll(email -> Matcher.quoteReplacement(words.apply(email)));
  }

  private JsonNode read(String body) {
    try {
      return json.readTree(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the ledger holds unreadable JSON", e);
    }
  }

  private static String normal(Kind kind, String value) {
    String bare = Normalizer.normalize(value.strip(), Normalizer.Form.NFC);
    return kind == Kind.EMAIL ? bare.toLowerCase(Locale.ROOT) : bare;
  }

  private static Set<String> normal(List<String> names) {
    return names == null
        ? Set.of()
        : names.stream()
            .map(
                name ->
                    List.of(name.split("\\.")).stream()
                        .map(FieldName::plain)
                        .collect(Collectors.joining(".")))
            .collect(Collectors.toUnmodifiableSet());
  }
}
