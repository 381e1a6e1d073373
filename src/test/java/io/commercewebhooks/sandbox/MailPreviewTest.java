package io.commercewebhooks.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.commercewebhooks.console.Chromium;
import io.commercewebhooks.console.NeedsChromium;
import io.commercewebhooks.delivery.Letters;
import io.commercewebhooks.delivery.Letters.Case;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MailPreviewTest {

  private static final Path FOLDER = Path.of("target/mails");
  private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

  /** Of the columns of items, but for what is longer than any real one. */
  private static final String BROKEN_NUMBERS =
      """
      [...document.querySelectorAll('th[align=right], td.ink[align=right]')]
        .filter(cell => /^[^ ]{1,24}$/.test(cell.textContent.trim()))
        .filter(cell => {
          const words = document.createRange();
          words.selectNodeContents(cell);
          return new Set([...words.getClientRects()].map(line => line.top)).size > 1;
        })
        .map(cell => cell.textContent.trim())
      """;

  @Test
  void a_test_run_leaves_every_mail_in_every_language_to_be_looked_at() throws IOException {
    try (MailPreview preview = new MailPreview()) {
      preview.save(FOLDER);
    }
    for (String language : Letters.languages()) {
      for (String scheme : new String[] {"light", "dark"}) {
        String page = Files.readString(FOLDER.resolve(language + "-" + scheme + ".html"));
        for (Case one : Letters.cases()) {
          assertThat(page).contains(one + ".html").contains(one + ".txt");
        }
        Matcher link = LINK.matcher(page);
        while (link.find()) {
          assertThat(FOLDER.resolve(link.group(1))).isRegularFile();
        }
      }
    }
    assertThat(FOLDER.resolve("index.html"))
        .hasSameTextualContentAs(FOLDER.resolve("en-light.html"));
  }

  @Test
  @NeedsChromium
  void every_mail_fits_the_narrowest_phone_and_breaks_no_number_there() throws IOException {
    List<String> tooWide = new ArrayList<>();
    List<Object> broken = new ArrayList<>();
    try (MailPreview preview = new MailPreview();
        Chromium chromium = Chromium.start()) {
      preview.save(FOLDER);
      Page phone = chromium.window(FOLDER.toUri(), ColorScheme.LIGHT, 320);
      for (String language : Letters.languages()) {
        for (Case one : Letters.cases()) {
          String mail = language + "-light/" + one + ".html";
          phone.setContent(Files.readString(FOLDER.resolve(mail)));
          if (Boolean.TRUE.equals(phone.evaluate("document.body.scrollWidth > 320"))) {
            tooWide.add(mail);
          }
          broken.addAll((List<?>) phone.evaluate(BROKEN_NUMBERS));
        }
      }
    }
    assertThat(tooWide).isEmpty();
    assertThat(broken).isEmpty();
  }

  @Test
  void a_page_that_is_not_there_is_not_made_up() {
    try (MailPreview preview = new MailPreview()) {
      assertThat(preview.page("xx-light.html")).isEmpty();
      assertThat(preview.page("en-light/quote-status-changed/none.html")).isEmpty();
      assertThat(preview.page("en-light/../../pom.xml")).isEmpty();
    }
  }

  @Test
  void the_sandbox_shows_the_same_pages_at_the_address_of_its_mailbox() throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    try (Mailbox mailbox = Mailbox.start(0, 0)) {
      assertThat(get(http, mailbox.page()).body()).contains("href=\"/preview/\"");
      URI preview = mailbox.page().resolve("preview/");
      assertThat(get(http, preview).body())
          .contains("Quote Q-3248714941 was returned: action needed");
      URI mail = preview.resolve("de-dark/quote-status-changed/returned.html");
      assertThat(get(http, mail).body())
          .contains("<html lang=\"de\"", "@media all {")
          .doesNotContain("prefers-color-scheme");
      assertThat(get(http, preview.resolve("nothing.html")).statusCode()).isEqualTo(404);
    }
  }

  private static HttpResponse<String> get(HttpClient http, URI address) throws Exception {
    return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }
}
