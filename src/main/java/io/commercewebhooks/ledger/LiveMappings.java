package io.commercewebhooks.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

/** Reads payloads that the ledger has once more, by their mapping as that is live now. */
@Component
class LiveMappings {

  private final FileStamp live;
  private final ProducerTemplate camel;
  private final ObjectMapper json;

  LiveMappings(FileStamp live, ProducerTemplate camel, @Qualifier("strictJson") ObjectMapper json) {
    this.live = live;
    this.camel = camel;
    this.json = json;
  }

  /**
   * Reads a payload again.
   *
   * @param mapping the mapping's file without its ending
   * @param receivedAt when its webhook came
   * @throws CamelExecutionException when the mapping can't read it
   */
  Event read(String payload, String sender, String mapping, Instant receivedAt)
      throws JsonProcessingException {
    String file = live.file("config/mappings/" + mapping + ".jslt").toString();
    String mapped =
        camel.requestBody("jslt:file:" + file + "?objectMapper=#strictJson", payload, String.class);
    return MappedEvent.read(json.readTree(mapped), payload, sender, mapping, receivedAt, json);
  }
}
