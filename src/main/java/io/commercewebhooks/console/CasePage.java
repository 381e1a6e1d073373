package io.commercewebhooks.console;

import io.commercewebhooks.console.ErrorPages.NothingThereException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** An event as a case of the tests, to be unpacked in a clone of the project. */
@ConsolePage
@RequestMapping("/console/events/{id}/case")
class CasePage {

  private final CaseApi cases;

  CasePage(CaseApi cases) {
    this.cases = cases;
  }

  @PostMapping
  ResponseEntity<byte[]> download(@PathVariable String id) throws IOException {
    CaseApi.Case made = of(id);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(packed, StandardCharsets.UTF_8)) {
      for (Map.Entry<String, String> file : made.files().entrySet()) {
        zip.putNextEntry(new ZipEntry(made.folder() + "/" + file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    String name = made.folder().substring(made.folder().lastIndexOf('/') + 1) + ".zip";
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType("application/zip"))
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment().filename(name).build().toString())
        .body(packed.toByteArray());
  }

  private CaseApi.Case of(String id) throws IOException {
    try {
      return cases.of(id);
    } catch (ErrorResponseException e) {
      throw new NothingThereException("The ledger has no payload of such an event.");
    }
  }
}
