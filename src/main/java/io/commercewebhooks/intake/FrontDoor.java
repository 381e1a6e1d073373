package io.commercewebhooks.intake;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * What is decided before a request costs anything: how many are worked on at once (503), what they
 * may hold (415) and how much (413). A body is read here, once and bounded, also when it comes in
 * chunks without a length. What stands behind a {@code ?} goes no further: Camel would make headers
 * of it.
 */
class FrontDoor extends OncePerRequestFilter {

  private final Refusals refusals;
  private final int maxBody;
  private final Semaphore places;

  FrontDoor(Refusals refusals, IntakeSettings settings) {
    this.refusals = refusals;
    this.maxBody = Math.toIntExact(settings.maxBody().toBytes());
    this.places = new Semaphore(settings.maxInFlight());
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!HttpMethod.POST.matches(request.getMethod())) {
      chain.doFilter(request, response);
      return;
    }
    if (!places.tryAcquire()) {
      refusals.answer(response, HttpStatus.SERVICE_UNAVAILABLE.value());
      return;
    }
    boolean released = false;
    try {
      if (!isPlainJson(request)) {
        refuse(request, response, HttpStatus.UNSUPPORTED_MEDIA_TYPE, "not-json");
        return;
      }
      byte[] body = request.getContentLengthLong() > maxBody ? null : read(request);
      if (body == null) {
        refuse(request, response, HttpStatus.PAYLOAD_TOO_LARGE, "too-large");
        return;
      }
      chain.doFilter(new ReadRequest(request, body), response);
      if (request.isAsyncStarted()) {
        request.getAsyncContext().addListener(new Release());
        released = true;
      }
    } finally {
      if (!released) {
        places.release();
      }
    }
  }

  /** Zoom's page has a content type with a typo in its charset, so only the type itself counts. */
  private static boolean isPlainJson(HttpServletRequest request) {
    String type = request.getContentType() == null ? "" : request.getContentType();
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json")
        && (encoding == null || encoding.equalsIgnoreCase("identity"));
  }

  private byte[] read(HttpServletRequest request) throws IOException {
    InputStream in = request.getInputStream();
    byte[] body = in.readNBytes(maxBody);
    return body.length == maxBody && in.read() >= 0 ? null : body;
  }

  private void refuse(
      HttpServletRequest request, HttpServletResponse response, HttpStatus status, String reason)
      throws IOException {
    refusals.keep("", request.getRequestURI(), status.value(), reason, "", request.getRemoteAddr());
    response.setHeader(HttpHeaders.CONNECTION, "close");
    refusals.answer(response, status.value());
  }

  /** Gives the place back when the route has answered. */
  private final class Release implements AsyncListener {

    @Override
    public void onComplete(AsyncEvent event) {
      places.release();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      // the completion that follows gives the place back
    }

    @Override
    public void onError(AsyncEvent event) {
      // the completion that follows gives the place back
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      event.getAsyncContext().addListener(this);
    }
  }

  /** A request whose body has been read, and that has no parameters. */
  private static final class ReadRequest extends HttpServletRequestWrapper {

    private final byte[] body;

    ReadRequest(HttpServletRequest request, byte[] body) {
      super(request);
      this.body = body;
    }

    @Override
    public ServletInputStream getInputStream() {
      ByteArrayInputStream bytes = new ByteArrayInputStream(body);
      return new ServletInputStream() {
        @Override
        public int read() {
          return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
          return bytes.read(target, offset, length);
        }

        @Override
        public int available() {
          return bytes.available();
        }

        @Override
        public boolean isFinished() {
          return bytes.available() == 0;
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
          throw new UnsupportedOperationException("the body has been read");
        }
      };
    }

    @Override
    public String getQueryString() {
      return null;
    }

    @Override
    public String getParameter(String name) {
      return null;
    }

    @Override
    public String[] getParameterValues(String name) {
      return null;
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.emptyEnumeration();
    }

    @Override
    public Map<String, String[]> getParameterMap() {
      return Map.of();
    }

    @Override
    public int getContentLength() {
      return body.length;
    }

    @Override
    public long getContentLengthLong() {
      return body.length;
    }
  }
}
