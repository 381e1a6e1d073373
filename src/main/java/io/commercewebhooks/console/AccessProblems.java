package io.commercewebhooks.console;

import io.commercewebhooks.console.LocalLogin.TooManyLoginsException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.access.AccessDeniedHandler;

/** Says to scripts why they may not: as short problems (RFC 9457). */
class AccessProblems implements AuthenticationEntryPoint, AccessDeniedHandler {

  @Override
  public void commence(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
      throws IOException {
    if (why instanceof TooManyLoginsException closed) {
      response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(closed.retryAfter()));
      write(response, HttpStatus.TOO_MANY_REQUESTS, "too many failed logins; wait a while");
      return;
    }
    response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"commerce-webhooks\"");
    write(response, HttpStatus.UNAUTHORIZED, "sign in with the name and password of a user");
  }

  @Override
  public void handle(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException why)
      throws IOException {
    write(response, HttpStatus.FORBIDDEN, "your role does not allow this");
  }

  static void write(HttpServletResponse response, HttpStatus status, String detail)
      throws IOException {
    byte[] problem =
        "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
            .formatted(status.getReasonPhrase(), status.value(), detail)
            .getBytes(StandardCharsets.UTF_8);
    response.setStatus(status.value());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    response.setContentLength(problem.length);
    response.getOutputStream().write(problem);
  }
}
