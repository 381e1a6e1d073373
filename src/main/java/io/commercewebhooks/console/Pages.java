package io.commercewebhooks.console;

import freemarker.core.ParseException;
import freemarker.template.Configuration;
import freemarker.template.TemplateDateModel;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.TemplateMethodModelEx;
import freemarker.template.TemplateModelException;
import freemarker.template.utility.DeepUnwrap;
import io.commercewebhooks.VisibleText;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.resource.ResourceUrlProvider;
import org.springframework.web.servlet.resource.ResourceUrlProviderExposingInterceptor;

/**
 * Writes the pages of the console from the templates in {@code src/main/resources/console}. What
 * senders wrote reads as it is: nothing in it hides, or turns what stands beside it around.
 */
@Component
class Pages {

  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

  private final Configuration templates = new Configuration(Configuration.VERSION_2_3_34);
  private final boolean oidc;

  Pages(ConsoleSettings settings) {
    this.oidc = settings.oidc().isOn();
    templates.setClassForTemplateLoading(Pages.class, "/console");
    templates.setDefaultEncoding(StandardCharsets.UTF_8.name());
    templates.setOutputEncoding(StandardCharsets.UTF_8.name());
    templates.setLocale(Locale.US);
    templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    templates.setLogTemplateExceptions(false);
    templates.setWrapUncheckedExceptions(true);
    templates.addAutoImport("c", "layout.ftlh");
    templates.setSharedVariable("iso", (TemplateMethodModelEx) a -> instant(a).toString());
    templates.setSharedVariable("utc", (TemplateMethodModelEx) a -> UTC.format(instant(a)));
  }

  private static Instant instant(List<?> arguments) throws TemplateModelException {
    Object time =
        arguments.get(0) instanceof TemplateDateModel date
            ? date.getAsDate()
            : DeepUnwrap.unwrap((freemarker.template.TemplateModel) arguments.get(0));
    if (time instanceof Date date) {
      return date.toInstant();
    }
    return time instanceof OffsetDateTime at ? at.toInstant() : (Instant) time;
  }

  /**
   * Writes a page.
   *
   * @param page a template without its ending
   * @throws IllegalStateException when the template can't be filled; nothing was written then
   */
  void write(
      String page, Map<String, ?> model, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Map<String, Object> all = new HashMap<>(model);
    all.put("csrf", request.getAttribute(CsrfToken.class.getName()));
    all.put("oidc", oidc);
    all.put("now", Instant.now());
    all.put("asset", (TemplateMethodModelEx) a -> asset(a.get(0).toString(), request));
    if (request.getUserPrincipal() != null) {
      all.put("user", request.getUserPrincipal().getName());
      Optional<Role> role = role(request);
      all.put("role", role.map(Role::word).orElse("no role"));
      all.put("mayAct", role.filter(Role.OPERATOR::isWithin).isPresent());
      all.put("mayAudit", role.filter(Role.ADMIN::isWithin).isPresent());
    }
    StringWriter written = new StringWriter();
    try {
      templates.getTemplate(page + ".ftlh").process(all, written);
    } catch (TemplateException | ParseException e) {
      throw new IllegalStateException(e);
    }
    response.setContentType(MediaType.TEXT_HTML_VALUE);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.getWriter().write(VisibleText.ofPage(written.toString()));
  }

  private static Optional<Role> role(HttpServletRequest request) {
    return Arrays.stream(Role.values())
        .filter(role -> request.isUserInRole(role.name()))
        .reduce((lower, higher) -> higher);
  }

  /** The address of a file, which changes with its content; so browsers may keep it. */
  private static String asset(String path, HttpServletRequest request) {
    Object provider =
        request.getAttribute(ResourceUrlProviderExposingInterceptor.RESOURCE_URL_PROVIDER_ATTR);
    String address =
        provider instanceof ResourceUrlProvider urls ? urls.getForLookupPath(path) : null;
    return address == null ? path : address;
  }
}
