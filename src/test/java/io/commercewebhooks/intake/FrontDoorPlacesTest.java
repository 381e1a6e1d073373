package io.commercewebhooks.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import io.commercewebhooks.ledger.Keeping;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.mock.web.DelegatingServletInputStream;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;

/** How many are let in at once, and what they bring along. */
class FrontDoorPlacesTest {

  private static final int REFUSALS_PER_ADDRESS = 5;
  private static final int AT_WORK = 12;

  private final FrontDoor door = door(1, 1_000);
  private final List<String> letIn = new CopyOnWriteArrayList<>();
  private final FilterChain inside =
      (request, response) -> letIn.add(new String(request.getInputStream().readAllBytes()));

  @Test
  void while_every_place_is_taken_others_are_asked_to_come_back() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    enter(post("1"), (request, response) -> statuses.add(enter(post("2"), inside).getStatus()));

    assertThat(statuses).containsExactly(503);
    assertThat(letIn).isEmpty();
  }

  @Test
  void a_place_is_free_again_after_an_answer_a_refusal_and_a_failure() throws Exception {
    MockHttpServletRequest form = post("a=b");
    form.setContentType("application/x-www-form-urlencoded");

    assertThat(enter(post("1"), inside).getStatus()).isEqualTo(200);
    assertThat(enter(form, inside).getStatus()).isEqualTo(415);
    assertThat(enter(post("12345678901"), inside).getStatus()).isEqualTo(413);
    assertThatThrownBy(
            () ->
                enter(
                    post("2"),
                    (request, response) -> {
                      throw new ServletException("broken");
                    }))
        .isInstanceOf(ServletException.class);
    assertThat(enter(post("3"), inside).getStatus()).isEqualTo(200);
    assertThat(letIn).containsExactly("1", "3");
  }

  @Test
  void a_place_is_taken_until_an_answer_that_comes_later() throws Exception {
    MockHttpServletRequest later = post("1");
    later.setAsyncSupported(true);
    enter(later, (request, response) -> request.startAsync());

    assertThat(enter(post("2"), inside).getStatus()).isEqualTo(503);
    ((MockAsyncContext) later.getAsyncContext()).complete();
    assertThat(enter(post("3"), inside).getStatus()).isEqualTo(200);
  }

  @Test
  void a_place_is_taken_until_its_work_is_over_and_what_is_answered_by_then_is_not_worked_on()
      throws Exception {
    List<Runnable> waiting = new ArrayList<>();
    MockHttpServletRequest late = post("1");
    late.setAsyncSupported(true);
    enter(
        late,
        (request, response) -> {
          waiting.add(FrontDoor.keepingThePlace().decorate(() -> letIn.add("late")));
          request.startAsync();
        });
    ((MockAsyncContext) late.getAsyncContext()).complete();

    assertThat(enter(post("2"), inside).getStatus()).isEqualTo(503);
    waiting.forEach(Runnable::run);
    assertThat(enter(post("3"), inside).getStatus()).isEqualTo(200);
    assertThat(letIn).containsExactly("3");
  }

  @Test
  void bodies_that_hold_too_much_to_be_read_together_are_worked_on_in_turn() throws Exception {
    FrontDoor wide = door(10, 1_000);
    CountDownLatch end = new CountDownLatch(1);
    Thread large = atWork(wide, "1234567890", end);
    await().until(() -> letIn.contains("1234567890"));
    Thread second = atWork(wide, "1234567890", end);
    await().until(() -> second.getState() == Thread.State.WAITING);

    assertThat(letIn).containsExactly("1234567890");
    end.countDown();
    large.join();
    second.join();
    assertThat(letIn).containsExactly("1234567890", "1234567890");
  }

  @Test
  void bodies_that_hold_little_are_worked_on_side_by_side() throws Exception {
    FrontDoor wide = door(10, 1_000);
    CountDownLatch end = new CountDownLatch(1);
    Thread one = atWork(wide, "123456", end);
    Thread other = atWork(wide, "654321", end);

    await().until(() -> letIn.size() == 2);
    end.countDown();
    one.join();
    other.join();
  }

  /** Lets a webhook in, and has it worked on until the end is told. */
  private Thread atWork(FrontDoor door, String body, CountDownLatch end) throws Exception {
    List<Runnable> work = new ArrayList<>();
    MockHttpServletRequest request = post(body);
    request.setAsyncSupported(true);
    enter(
        door,
        request,
        (let, response) -> {
          work.add(
              FrontDoor.keepingThePlace()
                  .decorate(
                      () -> {
                        letIn.add(body);
                        await().until(() -> end.getCount() == 0);
                      }));
          let.startAsync();
        });
    Thread thread = new Thread(work.get(0));
    thread.start();
    return thread;
  }

  @Test
  void work_under_way_when_the_time_is_over_cannot_answer_beside_the_server() throws Exception {
    MockHttpServletRequest slow = post("1");
    slow.setAsyncSupported(true);
    List<Runnable> waiting = new ArrayList<>();
    enter(
        slow,
        (request, response) -> {
          AsyncContext answer = request.startAsync();
          waiting.add(
              FrontDoor.keepingThePlace()
                  .decorate(
                      () -> {
                        timeIsOver(answer);
                        ((HttpServletResponse) response).setStatus(200);
                      }));
        });

    assertThatThrownBy(() -> waiting.forEach(Runnable::run))
        .isInstanceOf(IllegalStateException.class);
  }

  private static void timeIsOver(AsyncContext answer) {
    for (AsyncListener listener : ((MockAsyncContext) answer).getListeners()) {
      try {
        listener.onTimeout(new AsyncEvent(answer));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void other_methods_take_no_place() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    MockHttpServletRequest get = new MockHttpServletRequest("GET", "/");
    enter(post("1"), (request, response) -> statuses.add(enter(get, inside).getStatus()));

    assertThat(statuses).containsExactly(200);
  }

  @Test
  void parameters_stay_outside() throws Exception {
    MockHttpServletRequest request = post("1");
    request.setQueryString("To=evil");
    request.addParameter("To", "evil");

    enter(
        request,
        (let, response) -> {
          assertThat(let.getParameterMap()).isEmpty();
          assertThat(let.getParameterNames().hasMoreElements()).isFalse();
          assertThat(let.getParameter("To")).isNull();
          assertThat(let.getParameterValues("To")).isNull();
          assertThat(((HttpServletRequest) let).getQueryString()).isNull();
          inside.doFilter(let, response);
        });

    assertThat(letIn).containsExactly("1");
  }

  @Test
  void bodies_that_hold_too_much_together_are_asked_to_come_back() throws Exception {
    FrontDoor tight = door(10, 12);
    List<Integer> statuses = new ArrayList<>();

    enter(
        tight,
        post("1234567890"),
        (request, response) -> statuses.add(enter(tight, post("123"), inside).getStatus()));
    statuses.add(enter(tight, post("1234567890"), inside).getStatus());

    assertThat(statuses).containsExactly(503, 200);
  }

  @Test
  void an_address_that_was_refused_too_often_has_few_places_and_others_have_theirs()
      throws Exception {
    FrontDoor busy = door(16, 1_000);
    for (int i = 0; i < REFUSALS_PER_ADDRESS; i++) {
      enter(busy, form("192.0.2.1"), inside);
    }
    List<Integer> statuses = new ArrayList<>();
    FilterChain second = (request, response) -> note(busy, from("192.0.2.1"), inside, statuses);
    FilterChain first = (request, response) -> note(busy, from("192.0.2.1"), second, statuses);

    note(busy, from("192.0.2.1"), first, statuses);
    note(
        busy,
        from("192.0.2.2"),
        (request, response) -> note(busy, from("192.0.2.2"), inside, statuses),
        statuses);

    assertThat(statuses).containsExactly(503, 200, 200, 200, 200);
  }

  @Test
  void what_is_proved_is_taken_from_an_address_that_was_refused_too_often() throws Exception {
    for (int i = 0; i <= REFUSALS_PER_ADDRESS; i++) {
      enter(form("192.0.2.1"), inside);
    }

    assertThat(enter(form("192.0.2.1"), inside).getStatus()).isEqualTo(429);
    assertThat(enter(from("192.0.2.1"), inside).getStatus()).isEqualTo(200);
  }

  @Test
  void only_who_still_has_to_send_can_be_too_slow() throws Exception {
    FrontDoor hasty = door(1, 1_000, Duration.ZERO);
    MockHttpServletRequest chunks =
        new MockHttpServletRequest("POST", "/") {
          @Override
          public long getContentLengthLong() {
            return -1;
          }
        };
    chunks.setContentType("application/json");
    chunks.setContent("1".getBytes());

    assertThat(enter(hasty, post("1"), inside).getStatus()).isEqualTo(200);
    assertThat(enter(hasty, chunks, inside).getStatus()).isEqualTo(400);
    assertThat(letIn).containsExactly("1");
  }

  @Test
  void what_was_too_slow_is_not_read_any_further() throws Exception {
    Duration patience = Duration.ofMillis(20);
    AtomicInteger pieces = new AtomicInteger();
    InputStream drip =
        new InputStream() {
          @Override
          public int read() {
            if (pieces.incrementAndGet() % 2 == 0) {
              return -1; // for now
            }
            long begun = System.nanoTime();
            await().until(() -> System.nanoTime() - begun > patience.toNanos());
            return '1';
          }
        };
    MockHttpServletRequest slow =
        new MockHttpServletRequest("POST", "/") {
          @Override
          public long getContentLengthLong() {
            return 5;
          }

          @Override
          public ServletInputStream getInputStream() {
            return new DelegatingServletInputStream(drip);
          }
        };
    slow.setContentType("application/json");

    assertThat(enter(door(1, 1_000, patience), slow, inside).getStatus()).isEqualTo(400);
    assertThat(pieces).hasValue(2);
  }

  @Test
  void what_an_address_that_was_refused_too_often_still_sends_is_not_waited_for() throws Exception {
    for (int i = 0; i < REFUSALS_PER_ADDRESS; i++) {
      MockHttpServletRequest refused = form("192.0.2.1");
      enter(refused, inside);
      assertThat(refused.getInputStream().isFinished()).isEqualTo(i < REFUSALS_PER_ADDRESS - 1);
    }
    MockHttpServletRequest other = form("192.0.2.2");
    enter(other, inside);

    assertThat(other.getInputStream().isFinished()).isTrue();
  }

  private static void note(
      FrontDoor door, MockHttpServletRequest request, FilterChain chain, List<Integer> statuses)
      throws IOException, ServletException {
    statuses.add(enter(door, request, chain).getStatus());
  }

  private static MockHttpServletRequest from(String address) {
    MockHttpServletRequest request = post("1");
    request.setRemoteAddr(address);
    return request;
  }

  private static MockHttpServletRequest form(String address) {
    MockHttpServletRequest request = from(address);
    request.setContentType("application/x-www-form-urlencoded");
    return request;
  }

  private static FrontDoor door(int places, int bytes) {
    return door(places, bytes, Duration.ofSeconds(5));
  }

  private static FrontDoor door(int places, int bytes, Duration bodyTimeout) {
    IntakeSettings settings =
        new IntakeSettings(
            DataSize.ofBytes(10),
            bodyTimeout,
            places,
            DataSize.ofBytes(bytes),
            DataSize.ofBytes(AT_WORK),
            Duration.ofSeconds(30),
            REFUSALS_PER_ADDRESS,
            5,
            null,
            null,
            null);
    RefusalLimit limit = new RefusalLimit(REFUSALS_PER_ADDRESS, Ticker.systemTicker());
    return new FrontDoor(
        new Refusals(
            new NoLedger(),
            new SimpleMeterRegistry(),
            limit,
            new Keeping(Clock.systemUTC()),
            settings),
        settings);
  }

  private MockHttpServletResponse enter(MockHttpServletRequest request, FilterChain chain)
      throws IOException, ServletException {
    return enter(door, request, chain);
  }

  private static MockHttpServletResponse enter(
      FrontDoor door, MockHttpServletRequest request, FilterChain chain)
      throws IOException, ServletException {
    MockHttpServletResponse response = new MockHttpServletResponse();
    door.doFilter(request, response, chain);
    return response;
  }

  private static MockHttpServletRequest post(String body) {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/webhooks/zoom-commerce");
    request.setContentType("application/json");
    request.setContent(body.getBytes());
    return request;
  }

  private static final class NoLedger extends JdbcTemplate {
    @Override
    public int update(String sql, Object... values) {
      return 1;
    }
  }
}
