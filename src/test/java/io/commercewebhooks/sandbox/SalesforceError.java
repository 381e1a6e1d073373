package io.commercewebhooks.sandbox;

import java.util.List;

/**
 * A refusal in Salesforce's own terms: an HTTP status for a call of its own, and the code, message
 * and fields that a record's entry in a collection shows.
 */
final class SalesforceError extends RuntimeException {

  final int status;
  final String code;
  final transient List<String> fields;

  SalesforceError(int status, String code, String message, String... fields) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.fields = List.of(fields);
  }

  static SalesforceError notFound(String message) {
    return new SalesforceError(404, "NOT_FOUND", message);
  }
}
