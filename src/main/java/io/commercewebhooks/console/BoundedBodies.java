package io.commercewebhooks.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpStatus;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.RequestBodyAdviceAdapter;

/**
 * Reads no more of a request than it may say: what scripts send is held in memory, and a few long
 * texts would take all of it.
 */
@RestControllerAdvice(annotations = RestController.class)
class BoundedBodies extends RequestBodyAdviceAdapter {

  /** Thousands of ids. */
  private static final int MOST = 1 << 20;

  /** The largest payload as it is shown, and its quotes escaped. */
  private static final int MOST_MENDED = 16 << 20;

  @Override
  public boolean supports(
      MethodParameter parameter, Type type, Class<? extends HttpMessageConverter<?>> converter) {
    return true;
  }

  @Override
  public HttpInputMessage beforeBodyRead(
      HttpInputMessage request,
      MethodParameter parameter,
      Type type,
      Class<? extends HttpMessageConverter<?>> converter)
      throws IOException {
    int most = type == DeadLettersApi.Mend.class ? MOST_MENDED : MOST;
    byte[] body = request.getBody().readNBytes(most + 1);
    if (body.length > most) {
      throw ApiProblems.problem(
          HttpStatus.PAYLOAD_TOO_LARGE, "this address takes %d bytes at most".formatted(most));
    }
    return new HttpInputMessage() {
      @Override
      public InputStream getBody() {
        return new ByteArrayInputStream(body);
      }

      @Override
      public HttpHeaders getHeaders() {
        return request.getHeaders();
      }
    };
  }
}
