package io.commercewebhooks.intake;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.core.task.TaskDecorator;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * What is decided before a request costs anything: how many are worked on at once, and how much
 * they hold together (503), what they may hold (415), how much (413) and how long that may take
 * (400). A body is read here, once and bounded, also when it comes in chunks without a length. What
 * stands behind a {@code ?} goes no further: Camel would make headers of it.
 *
 * <p>Source addresses that were refused too often have few places between them, so that they can't
 * take those of others.
 *
 * <p>Reading a body takes many times its size, so of those that are let in only some are worked on
 * at the same time: small ones as threads allow, large ones in turn.
 *
 * <p>A place and the bytes are held until a request is answered and nothing works on it any more:
 * where the ledger hangs, the sender is told to come back long before the thread is free.
 */
class FrontDoor extends OncePerRequestFilter {

  private static final int PART = 8192;
  private static final int PLACES_PER_SUSPECT = 8;
  private static final String TOO_SLOW = "too-slow";

  /** The place of the request that this thread is handing over to one that works on it. */
  private static final ThreadLocal<Place> HANDED_OVER = new ThreadLocal<>();

  private final Refusals refusals;
  private final int maxBody;
  private final long bodyTimeoutNanos;
  private final Semaphore places;
  private final Semaphore placesOfSuspects;
  private final Semaphore bytes;
  private final int maxAtWork;
  private final Semaphore bytesAtWork;

  FrontDoor(Refusals refusals, IntakeSettings settings) {
    this.refusals = refusals;
    this.maxBody = Math.toIntExact(settings.maxBody().toBytes());
    this.bodyTimeoutNanos = settings.bodyTimeout().toNanos();
    this.places = new Semaphore(settings.maxInFlight());
    this.placesOfSuspects = new Semaphore(Math.max(1, settings.maxInFlight() / PLACES_PER_SUSPECT));
    this.bytes = new Semaphore(Math.toIntExact(settings.maxInFlightSize().toBytes()));
    this.maxAtWork = Math.toIntExact(settings.maxAtWorkSize().toBytes());
    this.bytesAtWork = new Semaphore(maxAtWork, true);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (HttpMethod.OPTIONS.matches(request.getMethod())) {
      // Spring would answer it by itself, with 200.
      response.setHeader(HttpHeaders.ALLOW, HttpMethod.POST.name());
      refusals.answer(request, response, HttpStatus.METHOD_NOT_ALLOWED);
      return;
    }
    if (!HttpMethod.POST.matches(request.getMethod())) {
      chain.doFilter(request, response);
      return;
    }
    OneAnswer answer = new OneAnswer(response);
    Place place = new Place(refusals.isSuspect(request.getRemoteAddr()), answer);
    if (!place.take()) {
      refusals.sendAway(request, response);
      return;
    }
    try {
      ReadRequest read = new ReadRequest(request, read(request, place));
      HANDED_OVER.set(place);
      chain.doFilter(read, answer);
      if (request.isAsyncStarted()) {
        place.leaveAfter(request.getAsyncContext());
      }
    } catch (NotTakenException e) {
      place.leaveUnlessLater();
      if (e.status == HttpStatus.SERVICE_UNAVAILABLE) {
        refusals.sendAway(request, response);
      } else {
        // what is left of the body would be read as the next request
        response.setHeader(HttpHeaders.CONNECTION, "close");
        refusals.answer(request, response, e.status, e.getMessage());
        if (!e.getMessage().equals(TOO_SLOW)) {
          refusals.readRest(request, response);
        }
      }
    } finally {
      HANDED_OVER.remove();
      place.leaveUnlessLater();
    }
  }

  /**
   * For those who work on what the door let in: the request keeps its place meanwhile, and one that
   * was answered before its turn came is left alone.
   */
  static TaskDecorator keepingThePlace() {
    return work -> {
      Place place = HANDED_OVER.get();
      return place == null ? work : place.during(work);
    };
  }

  /** Zoom's page has a content type with a typo in its charset, so only the type itself counts. */
  private static boolean isPlainJson(HttpServletRequest request) {
    String type = request.getContentType() == null ? "" : request.getContentType();
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json")
        && (encoding == null || encoding.equalsIgnoreCase("identity"));
  }

  private byte[] read(HttpServletRequest request, Place place) throws NotTakenException {
    if (!isPlainJson(request)) {
      throw new NotTakenException(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "not-json");
    }
    if (request.getContentLengthLong() > maxBody) {
      throw new NotTakenException(HttpStatus.PAYLOAD_TOO_LARGE, "too-large");
    }
    long start = System.nanoTime();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[PART];
    try {
      InputStream in = request.getInputStream();
      for (int length = in.read(part); length >= 0; length = in.read(part)) {
        if (body.size() + length > maxBody) {
          throw new NotTakenException(HttpStatus.PAYLOAD_TOO_LARGE, "too-large");
        }
        if (!place.hold(length)) {
          throw new NotTakenException(HttpStatus.SERVICE_UNAVAILABLE, "no-room");
        }
        body.write(part, 0, length);
        if (body.size() == request.getContentLengthLong()) {
          // all of it is here; if that took long, it may have been us who were slow
          break;
        }
        if (System.nanoTime() - start > bodyTimeoutNanos) {
          throw new NotTakenException(HttpStatus.BAD_REQUEST, TOO_SLOW);
        }
      }
    } catch (IOException e) {
      throw new NotTakenException(HttpStatus.BAD_REQUEST, "broken-body");
    }
    return body.toByteArray();
  }

  /** A request that goes no further; the message is the reason, in the words of records. */
  private static final class NotTakenException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient HttpStatus status;

    NotTakenException(HttpStatus status, String reason) {
      super(reason, null, false, false);
      this.status = status;
    }
  }

  /** What a request has of the door's places and bytes, until it is answered and worked off. */
  private final class Place {

    private final boolean suspect;
    private final OneAnswer answer;
    private final AtomicInteger needs = new AtomicInteger(1);
    private int held;
    private boolean taken;
    private boolean later;
    private volatile boolean answered;

    Place(boolean suspect, OneAnswer answer) {
      this.suspect = suspect;
      this.answer = answer;
    }

    boolean take() {
      if (suspect && !placesOfSuspects.tryAcquire()) {
        return false;
      }
      taken = places.tryAcquire();
      if (suspect && !taken) {
        placesOfSuspects.release();
      }
      return taken;
    }

    boolean hold(int more) {
      boolean room = bytes.tryAcquire(more);
      held += room ? more : 0;
      return room;
    }

    Runnable during(Runnable work) {
      needs.incrementAndGet();
      return () -> {
        // a body that is more than all may have together has its turn when nobody else works
        int atWork = Math.min(held, maxAtWork);
        bytesAtWork.acquireUninterruptibly(atWork);
        try {
          if (!answered) {
            answer.workedOut(work);
          }
        } finally {
          bytesAtWork.release(atWork);
          needNoLonger();
        }
      };
    }

    void leaveAfter(AsyncContext request) {
      later = true;
      OnceAnswered.run(
          request,
          () -> {
            answered = true;
            answer.timeIsOver();
          },
          () -> {
            answered = true;
            needNoLonger();
          });
    }

    void leaveUnlessLater() {
      if (!later) {
        leave();
      }
    }

    private void needNoLonger() {
      if (needs.decrementAndGet() == 0) {
        leave();
      }
    }

    private void leave() {
      if (!taken) {
        return;
      }
      taken = false;
      bytes.release(held);
      places.release();
      if (suspect) {
        placesOfSuspects.release();
      }
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
    public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
      return new AnsweredRequest(super.startAsync(request, response), response);
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
