package io.commercewebhooks.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The records of the org. Every write is checked against the schema the way Salesforce checks it.
 * Not thread-safe: whoever calls holds the lock of this object.
 */
final class SalesforceRecords {

  /** What a write did. */
  record Written(String id, boolean created) {}

  private static final String ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

  private final SalesforceSchema schema;
  private final Clock clock;
  private final Map<String, Table> tables = new HashMap<>();

  SalesforceRecords(SalesforceSchema schema, Clock clock) {
    this.schema = schema;
    this.clock = clock;
  }

  /** The records of that object, whose fields may have changed since the last call. */
  private Table table(SalesforceObject object) {
    Table table = tables.computeIfAbsent(object.name(), name -> new Table());
    table.has(object);
    return table;
  }

  private static final class Table {
    SalesforceObject object;
    final LinkedHashMap<String, Map<String, Object>> byId = new LinkedHashMap<>();
    final Map<String, Map<String, List<String>>> indexes = new HashMap<>();
    long lastNumber;

    void has(SalesforceObject now) {
      if (now == object) {
        return;
      }
      object = now;
      indexes.clear();
      for (SalesforceField field : object.fields().values()) {
        if (field.indexed()) {
          indexes.put(field.name(), new HashMap<>());
        }
      }
      byId.forEach((id, fields) -> index(id, fields, true));
    }

    void put(String id, Map<String, Object> fields) {
      Map<String, Object> before = byId.remove(id);
      if (before != null) {
        index(id, before, false);
      }
      if (fields != null) {
        byId.put(id, fields);
        index(id, fields, true);
      }
    }

    private void index(String id, Map<String, Object> fields, boolean add) {
      indexes.forEach(
          (name, index) -> {
            Object value = fields.get(name);
            if (value == null) {
              return;
            }
            String key = object.field(name).comparable(value);
            if (add) {
              index.computeIfAbsent(key, any -> new ArrayList<>(1)).add(id);
            } else {
              index.computeIfPresent(
                  key,
                  (any, ids) -> {
                    ids.remove(id);
                    return ids.isEmpty() ? null : ids;
                  });
            }
          });
    }
  }

  void clear() {
    tables
        .values()
        .forEach(
            table -> {
              table.byId.clear();
              table.indexes.values().forEach(Map::clear);
            });
  }

  /** Ids of the records whose indexed field has that value; empty when there is none. */
  List<String> find(SalesforceObject object, SalesforceField field, Object value) {
    return table(object).indexes.get(field.name()).getOrDefault(field.comparable(value), List.of());
  }

  /** The record of that id, or null. */
  Map<String, Object> get(SalesforceObject object, String id) {
    return table(object).byId.get(id);
  }

  /** All records in the order of their last change, oldest first. */
  Collection<Map<String, Object>> all(SalesforceObject object) {
    return Collections.unmodifiableCollection(table(object).byId.values());
  }

  /**
   * Writes the record with that external id, creating it when there is none.
   *
   * @param fields what to write, without the external id
   * @param undo receives what takes this write back
   * @throws SalesforceError when Salesforce would refuse; then nothing has changed
   */
  Written upsert(
      SalesforceObject object,
      SalesforceField externalId,
      String key,
      ObjectNode fields,
      boolean updateOnly,
      List<Runnable> undo) {
    List<String> found = find(object, externalId, key);
    if (found.size() > 1) {
      throw new SalesforceError(300, "DUPLICATE_EXTERNAL_ID", String.join(",", found));
    }
    if (found.isEmpty()) {
      if (updateOnly) {
        throw SalesforceError.notFound("The requested resource does not exist");
      }
      ObjectNode whole = fields.deepCopy();
      whole.put(externalId.name(), key);
      return create(object, whole, undo);
    }
    return update(object, found.get(0), fields, undo);
  }

  Written create(SalesforceObject object, ObjectNode fields, List<Runnable> undo) {
    Map<String, Object> accepted = accept(object, fields);
    List<String> missing =
        object.fields().values().stream()
            .filter(field -> field.requiredOnCreate() && accepted.get(field.name()) == null)
            .map(SalesforceField::name)
            .toList();
    if (!missing.isEmpty()) {
      throw missing(missing);
    }
    Table table = table(object);
    checkUnique(table, null, accepted);
    long number = ++table.lastNumber;
    String id = id(object.keyPrefix(), number);
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("Id", id);
    numbered(object, number, record);
    accepted.forEach((name, value) -> put(record, name, value));
    object.fields().values().stream()
        .filter(field -> field.type().equals("boolean") && field.writable())
        .forEach(field -> record.putIfAbsent(field.name(), false));
    String now = SalesforceField.kept(clock.instant());
    record.put("CreatedDate", now);
    record.put("LastModifiedDate", now);
    table.put(id, Collections.unmodifiableMap(record));
    undo.add(() -> table.put(id, null));
    return new Written(id, true);
  }

  Written update(SalesforceObject object, String id, ObjectNode fields, List<Runnable> undo) {
    Map<String, Object> accepted = accept(object, fields);
    List<String> cleared =
        accepted.entrySet().stream()
            .filter(entry -> entry.getValue() == null)
            .map(Map.Entry::getKey)
            .filter(name -> object.field(name).requiredOnCreate())
            .toList();
    if (!cleared.isEmpty()) {
      throw missing(cleared);
    }
    Table table = table(object);
    checkUnique(table, id, accepted);
    Map<String, Object> before = table.byId.get(id);
    Map<String, Object> record = new LinkedHashMap<>(before);
    accepted.forEach((name, value) -> put(record, name, value));
    record.put("LastModifiedDate", SalesforceField.kept(clock.instant()));
    table.put(id, Collections.unmodifiableMap(record));
    undo.add(() -> table.put(id, before));
    return new Written(id, false);
  }

  private static void put(Map<String, Object> record, String name, Object value) {
    if (value == null) {
      record.remove(name);
    } else {
      record.put(name, value);
    }
  }

  private static void numbered(SalesforceObject object, long number, Map<String, Object> record) {
    SalesforceField name = object.field("Name");
    if (name != null && !name.writable()) {
      String initials =
          object
              .label()
              .chars()
              .filter(Character::isUpperCase)
              .mapToObj(Character::toString)
              .collect(Collectors.joining());
      record.put("Name", initials + String.format("-%06d", number));
    }
    if (object.field("CaseNumber") != null) {
      record.put("CaseNumber", String.format("%08d", number));
    }
  }

  private static Map<String, Object> accept(SalesforceObject object, ObjectNode fields) {
    Map<String, Object> accepted = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : fields.properties()) {
      String name = entry.getKey();
      if (name.equals("attributes")) {
        continue;
      }
      SalesforceField field = object.field(name);
      if (field == null) {
        throw new SalesforceError(
            400,
            "INVALID_FIELD",
            "No such column '" + name + "' on sobject of type " + object.name());
      }
      if (!field.writable()) {
        throw new SalesforceError(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: "
                + name
                + ". Please check the security settings of this field and verify that it is"
                + " read/write for your profile or permission set.",
            name);
      }
      accepted.put(name, field.accept(entry.getValue()));
    }
    return accepted;
  }

  private static SalesforceError missing(List<String> names) {
    return new SalesforceError(
        400,
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: " + names,
        names.toArray(String[]::new));
  }

  private static void checkUnique(Table table, String ownId, Map<String, Object> accepted) {
    for (String name : table.indexes.keySet()) {
      SalesforceField field = table.object.field(name);
      Object value = accepted.get(name);
      if (!field.unique() || value == null) {
        continue;
      }
      for (String id : table.indexes.get(name).getOrDefault(field.comparable(value), List.of())) {
        if (!id.equals(ownId)) {
          throw new SalesforceError(
              400,
              "DUPLICATE_VALUE",
              "duplicate value found: " + name + " duplicates value on record with id: " + id,
              name);
        }
      }
    }
  }

  /** An id of 18 characters; the last three encode which of the first 15 are capitals. */
  static String id(String keyPrefix, long number) {
    String base = keyPrefix + "5g" + String.format("%010d", number);
    StringBuilder id = new StringBuilder(base);
    for (int block = 0; block < 3; block++) {
      int capitals = 0;
      for (int i = 0; i < 5; i++) {
        if (Character.isUpperCase(base.charAt(block * 5 + i))) {
          capitals |= 1 << i;
        }
      }
      id.append(ID_CHARACTERS.charAt(capitals));
    }
    return id.toString();
  }

  /** Everything as it is now, to come back to with {@link #restore}. */
  record Snapshot(Map<String, Map<String, Map<String, Object>>> tables) {}

  Snapshot snapshot() {
    Map<String, Map<String, Map<String, Object>>> copy = new HashMap<>();
    tables.forEach((name, table) -> copy.put(name, new LinkedHashMap<>(table.byId)));
    return new Snapshot(copy);
  }

  void restore(Snapshot snapshot) {
    clear();
    snapshot.tables().forEach((name, rows) -> rows.forEach(tables.get(name)::put));
  }

  static void takeBack(List<Runnable> undo) {
    for (int i = undo.size() - 1; i >= 0; i--) {
      undo.get(i).run();
    }
  }

  SalesforceSchema schema() {
    return schema;
  }
}
