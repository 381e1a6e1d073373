package io.commercewebhooks.console;

import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where people sign in and out. */
@RestController
@RequestMapping("/console")
class SignInPage {

  private static final Map<String, String> SAID =
      new TreeMap<>(
          Map.of(
              "error", "That name and password don't fit, or the sign-in failed.",
              "away", "Your organisation's sign-in can't be reached. Try again later.",
              "closed", "Too many failed sign-ins. Wait a while.",
              "out", "You are signed out."));

  private final Configuration templates = new Configuration(Configuration.VERSION_2_3_32);
  private final boolean oidc;

  SignInPage(ConsoleSettings settings) {
    this.oidc = settings.oidc().isOn();
    templates.setClassForTemplateLoading(SignInPage.class, "/console");
    templates.setDefaultEncoding(StandardCharsets.UTF_8.name());
  }

  /** The form, or why there is another try. */
  @GetMapping(path = "/login", produces = MediaType.TEXT_HTML_VALUE)
  String signIn(HttpServletRequest request) throws IOException, TemplateException {
    Map<String, Object> model = new HashMap<>();
    SAID.forEach(
        (key, words) -> {
          if (request.getParameter(key) != null) {
            model.put("said", words);
          }
        });
    return page(model, request);
  }

  /** Who is signed in. */
  @GetMapping(produces = MediaType.TEXT_HTML_VALUE)
  String signedIn(HttpServletRequest request) throws IOException, TemplateException {
    Map<String, Object> model = new HashMap<>();
    model.put("user", request.getUserPrincipal().getName());
    model.put(
        "role",
        Arrays.stream(Role.values())
            .filter(role -> request.isUserInRole(role.name()))
            .reduce((lower, higher) -> higher)
            .map(Role::word)
            .orElse("no role"));
    return page(model, request);
  }

  @GetMapping(path = "/style.css", produces = "text/css")
  ClassPathResource style() {
    return new ClassPathResource("/console/style.css");
  }

  private String page(Map<String, Object> model, HttpServletRequest request)
      throws IOException, TemplateException {
    model.put("csrf", request.getAttribute(CsrfToken.class.getName()));
    model.put("oidc", oidc);
    StringWriter page = new StringWriter();
    templates.getTemplate("sign-in.ftlh").process(model, page);
    return page.toString();
  }
}
