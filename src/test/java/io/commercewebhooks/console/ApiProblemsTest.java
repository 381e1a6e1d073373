package io.commercewebhooks.console;

import static io.commercewebhooks.flow.Outside.sender;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.flow.FlowTest;
import io.commercewebhooks.flow.Outside;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a script is answered that asks for what isn't there, or in a way that can't be read. */
@FlowTest
class ApiProblemsTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          GET,    /api/nothing,                                        , 404
          GET,    /api/replays/x,                                      , 400
          POST,   /api/events,                                         , 405
          DELETE, /api/replays,                                        , 405
          POST,   /api/replays,                              text/plain, 415
          GET,    /api/events?from=yesterday,                          , 400
          GET,    /api/events?from=%2B1000000000-01-01T00:00:00Z,      , 400
          GET,    /api/deliveries?to=-1000000000-01-01T00:00:00Z,      , 400
          GET,    /api/events?limit=many,                              , 400
          GET,    /api/events?typ=quote-requested,                     , 400
          """)
  void what_it_can_not_do_is_a_problem_that_says_what(
      String method, String path, String contentType, int status) {
    HttpResponse<String> answer =
        sender()
            .send(
                Outside.apiRequest(path, "operator")
                    .header("Content-Type", contentType == null ? "application/json" : contentType)
                    .method(method, BodyPublishers.ofString("{}"))
                    .build());

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("\"status\":" + status, "\"detail\":");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/events/search,       1048577",
    "/api/replays,             1048577",
    "/api/events/nothing/mend, 16777217"
  })
  void more_than_a_request_may_say_is_not_read_whether_its_length_is_told_or_not(
      String path, int size) {
    byte[] large = "{\"email\":\"%s\"}".formatted("x".repeat(size - 12)).getBytes(UTF_8);

    for (BodyPublisher body :
        List.of(
            BodyPublishers.ofByteArray(large),
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))) {
      HttpResponse<String> answer =
          sender()
              .send(
                  Outside.apiRequest(path, "operator")
                      .header("Content-Type", "application/json")
                      .POST(body)
                      .build());

      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
      assertThat(answer.body()).contains("at most");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1763882220", "1763882220555", "\"1763882220555\"", "\"2026-11-30\"", "true"})
  void a_time_that_is_not_written_as_one_replays_nothing(String to) {
    HttpResponse<String> answer =
        Outside.api("/api/replays", "{\"deliveries\":{\"to\":%s}}".formatted(to));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("\\\"to\\\" can't be read as a time, such as 2026-11-30T08:00:00Z");
    assertThat(Outside.number("select count(*) from replay")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-30T08:00:00Z", "2026-11-30T08:00:00.123456+05:45"})
  void a_time_with_its_zone_is_taken(String to) {
    assertThat(
            Outside.api(
                    "/api/replays",
                    "{\"deliveries\":{\"to\":\"%s\"},\"dryRun\":true}".formatted(to))
                .statusCode())
        .isEqualTo(200);
  }
}
