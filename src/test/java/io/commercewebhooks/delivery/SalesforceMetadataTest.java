package io.commercewebhooks.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.yaml.snakeyaml.Yaml;

/**
 * The deployable metadata is complete in itself, and has every object and field that the mappings
 * write, wide enough. What an org refuses at deployment or at the first record is found here.
 */
class SalesforceMetadataTest {

  private static final Path METADATA = Path.of("config/salesforce/force-app/main/default");
  private static final Path SAMPLES = Path.of("src/test/resources/mappings");
  private static final String NAMESPACE = "http://soap.sforce.com/2006/04/metadata";
  private static final String KEPT_WHOLE = "1000";

  /** The root element that goes with the end of a file's name. */
  private static final Map<String, String> ROOTS =
      Map.of(
          "object", "CustomObject",
          "field", "CustomField",
          "compactLayout", "CompactLayout",
          "listView", "ListView",
          "layout", "Layout",
          "permissionset", "PermissionSet",
          "tab", "CustomTab");

  /** Standard fields that the mappings write, with the length of texts. */
  private static final Map<String, Integer> STANDARD =
      Map.of(
          "Opportunity.Name", 120,
          "Opportunity.StageName", 255,
          "Opportunity.CloseDate", 0,
          "Opportunity.LeadSource", 255,
          "Opportunity.Amount", 0,
          "Case.Subject", 255,
          "Case.Origin", 255,
          "Case.Status", 255);

  /** Which types of field take what a function of the mappings makes. */
  private static final Map<String, Set<String>> TYPES =
      Map.of(
          "text", Set.of("Text", "Phone"),
          "lines", Set.of("TextArea", "LongTextArea"),
          "moment", Set.of("DateTime"),
          "amount", Set.of("Number", "Currency"));

  private static final Set<String> WITH_LENGTH = Set.of("Text", "LongTextArea");
  private static final Map<String, Integer> FIXED_LENGTH = Map.of("TextArea", 255, "Phone", 40);
  private static final Pattern CALL = Pattern.compile("\"(\\w+)\"\\s*:\\s*(\\w+)\\(");
  private static final Pattern LAST_NUMBER = Pattern.compile(",\\s*(\\d+)\\s*$");

  /** Every file by its path, as XML. */
  private static final Map<Path, Element> FILES = new TreeMap<>();

  /** Every custom field by object and name. */
  private static final Map<String, Element> FIELDS = new TreeMap<>();

  /** Object and external id by type of event, as config/application.yaml has them. */
  private static final Map<String, Map<String, String>> OBJECTS = new LinkedHashMap<>();

  @BeforeAll
  @SuppressWarnings("unchecked")
  static void read() throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
    for (Path file : filesBelow(METADATA)) {
      FILES.put(file, factory.newDocumentBuilder().parse(file.toFile()).getDocumentElement());
    }
    FILES.forEach(
        (file, xml) -> {
          if (file.toString().endsWith(".field-meta.xml")) {
            FIELDS.put(objectOf(file) + "." + nameOf(file), xml);
          }
        });
    try (InputStream settings = Files.newInputStream(Path.of("config/application.yaml"))) {
      Map<String, Map<String, Object>> all = new Yaml().load(settings);
      OBJECTS.putAll((Map<String, Map<String, String>>) all.get("salesforce").get("objects"));
    }
  }

  @Test
  void every_file_is_metadata_of_the_kind_that_its_name_says() {
    assertThat(FILES).hasSizeGreaterThan(80);
    FILES.forEach(
        (file, xml) -> {
          String kind = file.getFileName().toString().replaceFirst(".*\\.(\\w+)-meta\\.xml$", "$1");
          assertThat(xml.getLocalName()).as(file.toString()).isEqualTo(ROOTS.get(kind));
          assertThat(xml.getNamespaceURI()).as(file.toString()).isEqualTo(NAMESPACE);
          if (!value(xml, "fullName").isEmpty()) {
            assertThat(value(xml, "fullName")).as(file.toString()).isEqualTo(nameOf(file));
          }
        });
  }

  @Test
  void every_custom_object_has_what_a_deployment_demands_and_people_need_to_read_it() {
    Set<String> objects =
        OBJECTS.values().stream()
            .map(object -> object.get("name"))
            .filter(name -> name.endsWith("__c"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(objects).hasSize(4);
    for (String object : objects) {
      Element xml =
          FILES.get(METADATA.resolve("objects/%1$s/%1$s.object-meta.xml".formatted(object)));
      assertThat(xml).as(object).isNotNull();
      for (String part :
          List.of("label", "pluralLabel", "nameField", "sharingModel", "deploymentStatus")) {
        assertThat(value(xml, part)).as(object + " " + part).isNotBlank();
      }
      String compact = value(xml, "compactLayoutAssignment");
      assertThat(METADATA.resolve("objects/" + object + "/compactLayouts/"))
          .as(object)
          .isDirectoryContaining(file -> nameOf(file).equals(compact));
      assertThat(METADATA.resolve("objects/" + object + "/listViews/"))
          .as(object)
          .isNotEmptyDirectory();
      assertThat(METADATA.resolve("tabs/" + object + ".tab-meta.xml")).exists();
      Element layout =
          FILES.entrySet().stream()
              .filter(file -> file.getKey().getFileName().toString().startsWith(object + "-"))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElseThrow();
      assertThat(texts(layout, "field")).as("the page of " + object).containsAll(fieldsOf(object));
    }
  }

  @Test
  void every_field_has_what_its_type_demands_and_words_for_people() {
    FIELDS.forEach(
        (name, xml) -> {
          String type = value(xml, "type");
          assertThat(value(xml, "label")).as(name).isNotBlank().hasSizeLessThanOrEqualTo(40);
          assertThat(value(xml, "description")).as(name).isNotBlank();
          if (WITH_LENGTH.contains(type)) {
            assertThat(number(xml, "length")).as(name).isPositive();
          }
          if (type.equals("LongTextArea")) {
            assertThat(number(xml, "visibleLines")).as(name).isPositive();
          }
          if (type.equals("Number")) {
            assertThat(number(xml, "precision")).as(name).isBetween(1, 18);
            assertThat(value(xml, "scale")).as(name).isNotBlank();
          }
          if (type.equals("Checkbox") && value(xml, "formula").isEmpty()) {
            assertThat(value(xml, "defaultValue")).as(name).isNotBlank();
          }
        });
  }

  @Test
  void a_record_is_found_again_by_a_unique_external_id() {
    OBJECTS.forEach(
        (type, object) -> {
          Element key = FIELDS.get(object.get("name") + "." + object.get("external-id"));
          assertThat(key).as(type).isNotNull();
          assertThat(value(key, "externalId")).as(type).isEqualTo("true");
          assertThat(value(key, "unique")).as(type).isEqualTo("true");
          assertThat(value(key, "caseSensitive")).as(type).isEqualTo("true");
        });
  }

  @Test
  void every_object_and_field_that_a_mapping_writes_is_there() throws IOException {
    for (String type : OBJECTS.keySet()) {
      MappedFields mapped = MappedFields.in(mapping(type));
      String object = OBJECTS.get(type).get("name");
      assertThat(mapped.object()).as(type).isEqualTo(object);
      assertThat(mapped.always()).as(type).contains(OBJECTS.get(type).get("external-id"));
      Stream.concat(mapped.always().stream(), mapped.onCreate().stream())
          .map(field -> object + "." + field)
          .forEach(
              field ->
                  assertThat(FIELDS.containsKey(field) || STANDARD.containsKey(field))
                      .as("%s in the metadata", field)
                      .isTrue());
    }
  }

  /** The list is read from the text of a mapping; what the mapping really writes is the proof. */
  @Test
  void no_sample_writes_a_field_that_reading_the_mapping_did_not_find() throws IOException {
    for (String type : OBJECTS.keySet()) {
      MappedFields mapped = MappedFields.in(mapping(type));
      Set<String> always = new HashSet<>();
      Set<String> onCreate = new HashSet<>();
      for (Path sample : filesBelow(SAMPLES.resolve(type + "-to-salesforce"))) {
        if (!sample.toString().endsWith(".expected.json")) {
          continue;
        }
        for (JsonNode written : new ObjectMapper().readTree(sample.toFile())) {
          written.fieldNames().forEachRemaining(always::add);
          written.path("onCreate").fieldNames().forEachRemaining(onCreate::add);
        }
      }
      always.removeAll(Set.of("attributes", "onCreate"));
      assertThat(mapped.always()).as(type).containsAll(always);
      assertThat(mapped.onCreate()).as(type).containsAll(onCreate);
      assertThat(always).as("%s has a sample with every field", type).containsAll(mapped.always());
    }
  }

  @Test
  void a_quote_request_that_says_nothing_empties_every_field_that_an_earlier_one_may_have_filled()
      throws IOException {
    JsonNode written =
        new ObjectMapper()
            .readTree(
                SAMPLES
                    .resolve("quote-requested-to-salesforce/order-id-only.expected.json")
                    .toFile())
            .get(0);
    Set<String> named = new HashSet<>();
    written.fieldNames().forEachRemaining(named::add);

    Set<String> unnamed = MappedFields.in(mapping("quote-requested")).always();
    unnamed.removeAll(named);
    assertThat(unnamed)
        .as("a request without a list of items says nothing of them")
        .containsExactly("Oracle_Items__c");
  }

  @Test
  void every_text_is_cut_to_the_length_of_its_field_and_every_value_fits_its_type()
      throws IOException {
    int checked = 0;
    for (String type : OBJECTS.keySet()) {
      String object = OBJECTS.get(type).get("name");
      for (Call call : calls(mapping(type))) {
        Element field = FIELDS.get(object + "." + call.field());
        String place = object + "." + call.field();
        if (TYPES.containsKey(call.function()) && field != null) {
          assertThat(TYPES.get(call.function())).as(place).contains(value(field, "type"));
        }
        if (!Set.of("text", "lines").contains(call.function())) {
          continue;
        }
        boolean isKey = call.field().equals(OBJECTS.get(type).get("external-id"));
        if (isKey) {
          assertThat(call.length()).as("%s is kept whole", place).isEqualTo(KEPT_WHOLE);
        } else {
          int length = field == null ? STANDARD.get(place) : lengthOf(field);
          assertThat(Integer.parseInt(call.length())).as(place).isLessThanOrEqualTo(length);
        }
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(50);
  }

  @Test
  void the_integration_user_may_do_what_the_mappings_need_and_nothing_more() throws IOException {
    Element rights =
        FILES.get(
            METADATA.resolve(
                "permissionsets/Commerce_Webhooks_Integration.permissionset-meta.xml"));
    Set<String> needed = new TreeSet<>();
    for (String type : OBJECTS.keySet()) {
      String object = OBJECTS.get(type).get("name");
      MappedFields mapped = MappedFields.in(mapping(type));
      Stream.concat(mapped.always().stream(), mapped.onCreate().stream())
          .map(field -> object + "." + field)
          .forEach(needed::add);
    }
    // Salesforce gives these with the object, and takes no right for them.
    needed.removeAll(
        Set.of(
            "Opportunity.Name", "Opportunity.StageName", "Opportunity.CloseDate", "Case.Status"));

    assertThat(editable(rights)).isEqualTo(needed);
    Set<String> written =
        OBJECTS.values().stream().map(object -> object.get("name")).collect(Collectors.toSet());
    for (Element object : elements(rights, "objectPermissions")) {
      String name = value(object, "object");
      String writes = String.valueOf(written.contains(name));
      assertThat(value(object, "allowRead")).as(name).isEqualTo("true");
      assertThat(value(object, "allowCreate")).as(name).isEqualTo(writes);
      assertThat(value(object, "allowEdit")).as(name).isEqualTo(writes);
      for (String never : List.of("allowDelete", "modifyAllRecords", "viewAllRecords")) {
        assertThat(value(object, never)).as(name + " " + never).isEqualTo("false");
      }
    }
    assertThat(texts(rights, "object")).containsAll(written);
    assertThat(elements(rights, "userPermissions"))
        .singleElement()
        .satisfies(right -> assertThat(value(right, "name")).isEqualTo("ApiEnabled"));
  }

  @Test
  void readers_see_every_field_and_may_write_none() {
    Element rights =
        FILES.get(
            METADATA.resolve("permissionsets/Commerce_Webhooks_Reader.permissionset-meta.xml"));

    assertThat(texts(rights, "field")).containsExactlyInAnyOrderElementsOf(FIELDS.keySet());
    assertThat(editable(rights)).isEmpty();
  }

  // Reading

  /** A field that a mapping writes, the function that makes its value, and the length it gives. */
  private record Call(String field, String function, String length) {}

  private static List<Call> calls(String jslt) {
    List<Call> calls = new ArrayList<>();
    Matcher call = CALL.matcher(jslt);
    while (call.find()) {
      String arguments = inParentheses(jslt, call.end());
      Matcher length = LAST_NUMBER.matcher(arguments);
      calls.add(new Call(call.group(1), call.group(2), length.find() ? length.group(1) : ""));
    }
    return calls;
  }

  private static String inParentheses(String text, int from) {
    int depth = 1;
    boolean quoted = false;
    int at = from;
    for (; depth > 0; at++) {
      char c = text.charAt(at);
      quoted ^= c == '"' && text.charAt(at - 1) != '\\';
      depth += quoted ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return text.substring(from, at - 1);
  }

  private static int lengthOf(Element field) {
    return FIXED_LENGTH.getOrDefault(value(field, "type"), number(field, "length"));
  }

  private static Set<String> fieldsOf(String object) {
    return FIELDS.keySet().stream()
        .filter(name -> name.startsWith(object + "."))
        .map(name -> name.substring(object.length() + 1))
        .collect(Collectors.toSet());
  }

  private static Set<String> editable(Element rights) {
    return elements(rights, "fieldPermissions").stream()
        .filter(field -> value(field, "editable").equals("true"))
        .map(field -> value(field, "field"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String mapping(String type) throws IOException {
    return Files.readString(Path.of("config/mappings", type + "-to-salesforce.jslt"));
  }

  private static List<Path> filesBelow(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String objectOf(Path file) {
    return file.getParent().getParent().getFileName().toString();
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString().replaceFirst("\\.\\w+-meta\\.xml$", "");
  }

  private static List<Element> elements(Element parent, String name) {
    NodeList found = parent.getElementsByTagNameNS(NAMESPACE, name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static List<String> texts(Element parent, String name) {
    return elements(parent, name).stream().map(Element::getTextContent).map(String::strip).toList();
  }

  private static String value(Element parent, String name) {
    return texts(parent, name).stream().findFirst().orElse("");
  }

  private static int number(Element parent, String name) {
    String text = value(parent, name);
    return text.isEmpty() ? 0 : Integer.parseInt(text);
  }
}
