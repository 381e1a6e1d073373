package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ReadableJson;
import io.commercewebhooks.ledger.Payloads;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Makes a case of the tests from an event that came. */
@RestController
@RequestMapping("/api/events")
class CaseApi {

  private final Payloads payloads;
  private final ObjectMapper json;

  CaseApi(Payloads payloads, ObjectMapper json) {
    this.payloads = payloads;
    this.json = json;
  }

  /**
   * A case.
   *
   * @param folder where its files belong
   * @param files texts by name
   */
  record Case(String folder, Map<String, String> files) {}

  /** The webhook, in which cards were never kept and persons are masked. */
  @PostMapping("/{id}/case")
  Case of(@PathVariable String id) throws JsonProcessingException {
    Map<String, Object> event = payloads.masked(id).orElseThrow(CaseApi::unknown);
    String webhook = ReadableJson.of(json.readTree((String) event.get("body")));
    return new Case(
        "src/test/resources/cases/%s/%s"
            .formatted(
                word((String) event.get("type")),
                word(event.get("status") + "-" + event.get("sequence"))),
        Map.of("webhook.json", webhook + "\n"));
  }

  /** A sender's words must not lead to another folder. */
  private static String word(String text) {
    return text.replaceAll("[^A-Za-z0-9]+", "-");
  }

  private static ErrorResponseException unknown() {
    return problem(HttpStatus.NOT_FOUND, "the ledger has no payload of such an event");
  }
}
