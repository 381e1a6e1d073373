package io.commercewebhooks.sandbox;

import java.util.Map;

/**
 * One object of the org.
 *
 * @param keyPrefix the three characters that every record id of this object begins with
 * @param fields by API name, in the order of definition
 */
record SalesforceObject(
    String name, String label, String keyPrefix, Map<String, SalesforceField> fields) {

  SalesforceField field(String field) {
    return fields.get(field);
  }
}
