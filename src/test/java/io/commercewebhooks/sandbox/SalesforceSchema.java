package io.commercewebhooks.sandbox;

import static io.commercewebhooks.sandbox.SalesforceField.number;
import static io.commercewebhooks.sandbox.SalesforceField.plain;
import static io.commercewebhooks.sandbox.SalesforceField.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * The objects and fields of the org: those of the deployable metadata, and the few standard fields
 * that Opportunity, Case and Account bring along.
 */
final class SalesforceSchema {

  private static final Duration LOOK_EACH = Duration.ofSeconds(1);

  private final Map<String, SalesforceObject> objects =
      Collections.synchronizedMap(new LinkedHashMap<>());
  private final List<Path> roots;
  private long lastLook = System.nanoTime();
  private Map<Path, FileTime> lastSeen = Map.of();

  private SalesforceSchema(List<Path> roots) {
    this.roots = roots;
  }

  /**
   * Reads metadata in source format.
   *
   * @param roots folders that hold an {@code objects} folder somewhere below
   * @throws IllegalArgumentException naming the file, when it isn't metadata that can be read
   */
  static SalesforceSchema read(List<Path> roots) {
    SalesforceSchema schema = new SalesforceSchema(roots);
    schema.lastSeen = files(roots);
    schema.addStandardObjects();
    schema.lastSeen.keySet().stream()
        .filter(file -> file.getFileName().toString().endsWith(".object-meta.xml"))
        .forEach(schema::addObject);
    schema.lastSeen.keySet().stream()
        .filter(file -> file.getFileName().toString().endsWith(".field-meta.xml"))
        .forEach(schema::addField);
    return schema;
  }

  /** The files below the roots, in their order, and when each was saved. */
  private static Map<Path, FileTime> files(List<Path> roots) {
    Map<Path, FileTime> files = new LinkedHashMap<>();
    for (Path root : roots) {
      try (Stream<Path> found = Files.walk(root)) {
        for (Path file : found.sorted().toList()) {
          files.put(file, Files.getLastModifiedTime(file));
        }
      } catch (IOException | UncheckedIOException e) {
        throw new IllegalArgumentException("can't read the Salesforce metadata in " + root, e);
      }
    }
    return files;
  }

  Collection<SalesforceObject> objects() {
    return List.copyOf(objects.values());
  }

  /** The object of that name, or null. Metadata that are saved count within a second. */
  SalesforceObject object(String name) {
    takeUpWhatIsSaved();
    return objects.get(name);
  }

  private synchronized void takeUpWhatIsSaved() {
    if (System.nanoTime() - lastLook < LOOK_EACH.toNanos()) {
      return;
    }
    lastLook = System.nanoTime();
    try {
      Map<Path, FileTime> seen = files(roots);
      if (!seen.equals(lastSeen)) {
        lastSeen = seen;
        read(roots).objects.values().forEach(this::takeUp);
      }
    } catch (IllegalArgumentException e) {
      System.err.println("the stand-in Salesforce stays as it is: " + e.getMessage());
    }
  }

  /** Ids begin as before, also where another object came in between. */
  private void takeUp(SalesforceObject now) {
    SalesforceObject known = objects.get(now.name());
    String prefix = known == null ? nextPrefix() : known.keyPrefix();
    objects.put(now.name(), new SalesforceObject(now.name(), now.label(), prefix, now.fields()));
  }

  private String nextPrefix() {
    return "a" + String.format("%02d", objects.size());
  }

  private void addStandardObjects() {
    add(
        standard("Opportunity", "006"),
        text("Name", "string", 120).required(),
        text("StageName", "picklist", 255).required(),
        plain("CloseDate", "date").required(),
        number("Amount", "currency", 18, 2),
        text("LeadSource", "picklist", 255),
        text("Type", "picklist", 255),
        text("NextStep", "string", 255),
        text("Description", "textarea", 32000),
        text("AccountId", "reference", 18),
        text("OwnerId", "reference", 18));
    add(
        standard("Case", "500"),
        text("CaseNumber", "string", 30).readOnly(),
        text("Subject", "string", 255),
        text("Status", "picklist", 255),
        text("Origin", "picklist", 255),
        text("Type", "picklist", 255),
        text("Reason", "picklist", 255),
        text("Priority", "picklist", 255),
        text("Description", "textarea", 32000),
        text("AccountId", "reference", 18),
        text("ContactId", "reference", 18),
        text("OwnerId", "reference", 18));
    add(
        standard("Account", "001"),
        text("Name", "string", 255).required(),
        text("AccountNumber", "string", 40),
        text("Type", "picklist", 255),
        text("Phone", "phone", 40),
        text("Website", "url", 255),
        text("Description", "textarea", 32000),
        text("OwnerId", "reference", 18));
  }

  private SalesforceObject standard(String name, String keyPrefix) {
    return new SalesforceObject(name, name, keyPrefix, new LinkedHashMap<>());
  }

  private void add(SalesforceObject object, SalesforceField... fields) {
    addTo(object, text("Id", "id", 18).readOnly());
    for (SalesforceField field : fields) {
      addTo(object, field);
    }
    addTo(object, plain("CreatedDate", "datetime").readOnly());
    addTo(object, plain("LastModifiedDate", "datetime").readOnly());
    objects.put(object.name(), object);
  }

  private static void addTo(SalesforceObject object, SalesforceField field) {
    object.fields().put(field.name(), field);
  }

  private void addObject(Path file) {
    String name = file.getFileName().toString().replace(".object-meta.xml", "");
    if (objects.containsKey(name)) {
      return;
    }
    Element xml = parse(file);
    Element nameField = child(xml, "nameField");
    boolean automatic = nameField != null && "AutoNumber".equals(value(nameField, "type"));
    SalesforceField nameColumn = text("Name", "string", 80);
    add(
        new SalesforceObject(name, value(xml, "label"), nextPrefix(), new LinkedHashMap<>()),
        automatic ? nameColumn.readOnly() : nameColumn.required(),
        text("OwnerId", "reference", 18));
  }

  private void addField(Path file) {
    String objectName = file.getParent().getParent().getFileName().toString();
    SalesforceObject object = objects.get(objectName);
    if (object == null) {
      throw new IllegalArgumentException(file + ": there is no object " + objectName);
    }
    Element xml = parse(file);
    String type = value(xml, "type");
    boolean formula = child(xml, "formula") != null;
    SalesforceField field =
        new SalesforceField(
            value(xml, "fullName"),
            value(xml, "label"),
            describeType(type, file),
            lengthOf(type, value(xml, "length")),
            whole(value(xml, "precision")),
            whole(value(xml, "scale")),
            flag(xml, "externalId"),
            flag(xml, "unique"),
            flag(xml, "caseSensitive"),
            flag(xml, "required"),
            !formula && !"AutoNumber".equals(type));
    addTo(object, field);
  }

  private static String describeType(String type, Path file) {
    return switch (type == null ? "" : type) {
      case "Text", "AutoNumber" -> "string";
      case "TextArea", "LongTextArea", "Html" -> "textarea";
      case "Number" -> "double";
      case "Checkbox" -> "boolean";
      case "DateTime" -> "datetime";
      case "Date" -> "date";
      case "Currency" -> "currency";
      case "Percent" -> "percent";
      case "Phone" -> "phone";
      case "Email" -> "email";
      case "Url" -> "url";
      case "Picklist" -> "picklist";
      case "Lookup", "MasterDetail" -> "reference";
      default -> throw new IllegalArgumentException(file + ": unknown field type " + type);
    };
  }

  private static int lengthOf(String type, String length) {
    return switch (type) {
      case "Text", "LongTextArea", "Html" -> whole(length);
      case "TextArea", "Url", "Picklist" -> 255;
      case "Phone" -> 40;
      case "Email" -> 80;
      case "Lookup", "MasterDetail" -> 18;
      default -> 0;
    };
  }

  private static Element parse(Path file) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      DocumentBuilder builder = factory.newDocumentBuilder();
      return builder.parse(file.toFile()).getDocumentElement();
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static Element child(Element parent, String name) {
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        return element;
      }
    }
    return null;
  }

  private static String value(Element parent, String name) {
    Element element = child(parent, name);
    return element == null ? null : element.getTextContent().strip();
  }

  private static boolean flag(Element parent, String name) {
    return "true".equals(value(parent, name));
  }

  private static int whole(String text) {
    return text == null ? 0 : Integer.parseInt(text);
  }
}
