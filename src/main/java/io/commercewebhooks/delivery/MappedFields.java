package io.commercewebhooks.delivery;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The object and the fields that a mapping to Salesforce writes, read from its text, so that nobody
 * keeps a second list: every key of an object that the mapping makes is the API name of a field,
 * apart from {@code attributes}, the {@code type} in it, and {@code onCreate}.
 *
 * @param object what {@code attributes.type} says; empty when it says nothing
 * @param always fields that every call may write
 * @param onCreate fields that only the creation of a record writes
 */
record MappedFields(String object, Set<String> always, Set<String> onCreate) {

  private static final Set<String> NO_FIELDS = Set.of("attributes", "type", "onCreate");

  /** A comment, a brace, or a text with what follows it when it is a key. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "//[^\\n]*|(?<open>\\{)|(?<close>})"
              + "|\"(?<text>(?:[^\"\\\\]|\\\\.)*)\"(?<key>\\s*:\\s*(?:\"(?<value>[^\"]*)\")?)?");

  /**
   * Reads a mapping.
   *
   * @param jslt its text
   */
  static MappedFields in(String jslt) {
    String object = "";
    Set<String> always = new TreeSet<>();
    Set<String> onCreate = new TreeSet<>();
    int depth = 0;
    int creation = Integer.MAX_VALUE;
    Matcher token = TOKEN.matcher(jslt);
    while (token.find()) {
      if (token.group("open") != null) {
        depth++;
      } else if (token.group("close") != null) {
        depth--;
        creation = depth < creation ? Integer.MAX_VALUE : creation;
      } else if (token.group("key") != null) {
        String name = token.group("text");
        if (name.equals("onCreate")) {
          creation = depth + 1;
        } else if (name.equals("type") && token.group("value") != null) {
          object = token.group("value");
        }
        if (!NO_FIELDS.contains(name)) {
          (depth >= creation ? onCreate : always).add(name);
        }
      }
    }
    return new MappedFields(object, always, onCreate);
  }
}
