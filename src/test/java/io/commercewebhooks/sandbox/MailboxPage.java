package io.commercewebhooks.sandbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The web page of a {@link Mailbox}: a list of its mails, newest first, and each mail with its HTML
 * part, its text part and its headers. Below {@code /preview/} is every mail that could come, see
 * {@link MailPreview}.
 *
 * <p>The HTML part is served as its own document that may run no script and load nothing, and is
 * shown in a sandboxed frame, so that a hostile mail can do no more here than in a mail program.
 */
final class MailboxPage implements AutoCloseable {

  private static final String PREVIEW = "/preview/";
  private static final Pattern MAIL = Pattern.compile("/mails/([0-9]{1,9})(/html)?");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  private final Mailbox mailbox;
  private final Configuration templates = new Configuration(Configuration.VERSION_2_3_34);
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
          work -> {
            Thread thread = new Thread(work, "mailbox-page");
            thread.setDaemon(true);
            return thread;
          });
  private final HttpServer server;
  private MailPreview preview;

  MailboxPage(Mailbox mailbox, int port) {
    this.mailbox = mailbox;
    templates.setClassForTemplateLoading(MailboxPage.class, "/sandbox");
    templates.setDefaultEncoding("UTF-8");
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
    } catch (IOException e) {
      throw new IllegalStateException("The mailbox's page can't listen on port " + port, e);
    }
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    synchronized (this) {
      if (preview != null) {
        preview.close();
      }
    }
  }

  /** It writes its mails with routes of its own, which are only started for who wants to look. */
  private synchronized MailPreview preview() {
    if (preview == null) {
      preview = new MailPreview();
    }
    return preview;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Matcher matcher = MAIL.matcher(path);
      if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "Only GET is answered here.");
      } else if (path.equals("/")) {
        send(exchange, 200, "text/html", list());
      } else if (path.startsWith(PREVIEW)) {
        Optional<MailPreview.Page> page = preview().page(path.substring(PREVIEW.length()));
        if (page.isPresent()) {
          send(exchange, 200, page.get().type(), page.get().content());
        } else {
          send(exchange, 404, "text/plain", "There is no such mail.");
        }
      } else if (matcher.matches()) {
        int number = Integer.parseInt(matcher.group(1));
        MailboxMail mail =
            mailbox.received().stream().filter(m -> m.number() == number).findFirst().orElse(null);
        if (mail == null) {
          send(exchange, 404, "text/plain", "There is no mail " + number + ".");
        } else if (matcher.group(2) != null) {
          send(exchange, 200, "text/html", mail.html());
        } else {
          send(exchange, 200, "text/html", render(Map.of("mail", shown(mail))));
        }
      } else {
        send(exchange, 404, "text/plain", "There is no page " + path + ".");
      }
    }
  }

  private String list() {
    List<Map<String, Object>> newestFirst = new ArrayList<>();
    for (MailboxMail mail : mailbox.received()) {
      newestFirst.add(0, shown(mail));
    }
    return render(Map.of("mails", newestFirst));
  }

  private static Map<String, Object> shown(MailboxMail mail) {
    Map<String, Object> shown = new HashMap<>();
    shown.put("number", Integer.toString(mail.number()));
    shown.put("time", TIME.format(mail.receivedAt()));
    shown.put("from", mail.from());
    shown.put("to", String.join(", ", mail.recipients()));
    shown.put("subject", mail.subject());
    shown.put("text", mail.text());
    shown.put("hasHtml", !mail.html().isEmpty());
    List<Map<String, String>> headers = new ArrayList<>();
    mail.headers().forEach(h -> headers.add(Map.of("name", h.getKey(), "value", h.getValue())));
    shown.put("headers", headers);
    return shown;
  }

  private String render(Map<String, Object> model) {
    try {
      StringWriter page = new StringWriter();
      templates.getTemplate("mailbox.ftlh").process(model, page);
      return page.toString();
    } catch (TemplateException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }
}
