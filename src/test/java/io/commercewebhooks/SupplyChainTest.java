package io.commercewebhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What is in the jar says so. */
class SupplyChainTest {

  @Test
  void the_jar_has_a_bill_of_materials_with_every_library_and_its_version() throws IOException {
    JsonNode bill;
    try (InputStream in =
        Application.class.getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
      bill = new ObjectMapper().readTree(in);
    }

    assertThat(bill.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(StreamSupport.stream(bill.path("components").spliterator(), false))
        .allSatisfy(library -> assertThat(library.path("purl").asText()).startsWith("pkg:maven/"))
        .extracting(library -> library.path("name").asText())
        .contains("camel-salesforce", "camel-mail", "postgresql", "tomcat-embed-core")
        .doesNotContain("greenmail", "jqwik", "camel-jms");
  }
}
