package io.commercewebhooks.console;

import static io.commercewebhooks.console.ApiProblems.problem;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.commercewebhooks.workbench.BrokenSetException;
import io.commercewebhooks.workbench.Previews;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tries out changed routes and config. */
@RestController
@RequestMapping("/api/previews")
class PreviewApi {

  static final String FOR_ADMINS =
      "routes can do anything that the service can: only an admin may have changed ones run";

  static final String TOO_LONG =
      "the preview took too long and was ended; try fewer events, and look for endless loops";

  private static final int LARGEST = 4_000_000;

  private final Previews previews;
  private final ObjectMapper json;

  PreviewApi(Previews previews, ObjectMapper json) {
    this.previews = previews;
    this.json = ApiProblems.strict(json);
  }

  @PostMapping
  JsonNode preview(HttpServletRequest request)
      throws IOException, BrokenSetException, TimeoutException {
    byte[] body = request.getInputStream().readNBytes(LARGEST + 1);
    if (body.length > LARGEST) {
      throw problem(
          HttpStatus.PAYLOAD_TOO_LARGE, "a preview takes %d bytes at most".formatted(LARGEST));
    }
    Previews.Wanted wanted = json.readValue(body, Previews.Wanted.class);
    if (wanted == null) {
      throw problem(HttpStatus.BAD_REQUEST, "say what to try out: null is nothing");
    }
    if (isForAdmins(wanted) && !request.isUserInRole(Role.ADMIN.name())) {
      throw problem(HttpStatus.FORBIDDEN, FOR_ADMINS);
    }
    return previews.run(wanted);
  }

  /** Whoever has routes run has the service do anything it can, so those are for an admin. */
  static boolean isForAdmins(Previews.Wanted wanted) {
    return wanted.files() != null
        && wanted.files().keySet().stream().anyMatch(name -> name.startsWith("routes/"));
  }

  /** What is wrong, where, and what to write instead. */
  @ExceptionHandler
  ProblemDetail broken(BrokenSetException broken) {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_ENTITY, broken.getMessage());
    problem.setTitle("These files can't work");
    problem.setProperty("file", broken.file());
    problem.setProperty("line", broken.line());
    problem.setProperty("column", broken.column());
    return problem;
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> busy(Previews.BusyException busy) {
    return ResponseEntity.status(HttpStatus.TOO_MANY_REQUESTS)
        .header(HttpHeaders.RETRY_AFTER, "5")
        .body(ProblemDetail.forStatusAndDetail(HttpStatus.TOO_MANY_REQUESTS, busy.getMessage()));
  }

  @ExceptionHandler
  ProblemDetail late(TimeoutException late) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, TOO_LONG);
  }

  @ExceptionHandler
  ProblemDetail unclear(IllegalArgumentException unclear) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, unclear.getMessage());
  }

  @ExceptionHandler
  ProblemDetail unreadable(JsonProcessingException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return ApiProblems.unknown(unknown);
    }
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.BAD_REQUEST, "the request could not be read: " + e.getOriginalMessage());
  }
}
