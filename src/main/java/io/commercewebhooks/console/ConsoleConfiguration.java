package io.commercewebhooks.console;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.catalina.session.ManagerBase;
import org.apache.coyote.AbstractProtocol;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.CacheControl;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.ViewResolver;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.resource.VersionResourceResolver;
import org.springframework.web.servlet.view.RedirectView;

/** The console's pages and their files on the management port. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@Import({
  SignInPage.class,
  OverviewPage.class,
  EventPages.class,
  MendPage.class,
  FailurePages.class,
  ReplayPages.class,
  RecordPages.class,
  DriftPage.class,
  FilesPages.class,
  RouteMapPage.class,
  PreviewPages.class,
  CasePage.class
})
class ConsoleConfiguration implements WebMvcConfigurer {

  private static final String REDIRECT = "redirect:";
  private static final int FEW = 2;

  /** The largest webhook, with each of its values on a line and its quotes escaped. */
  private static final int LARGEST_FORM = 8 << 20;

  /** The one that the management port's servlet asks for by its name. */
  @Bean
  ViewResolver viewResolver(Pages pages) {
    return (name, locale) ->
        name.startsWith(REDIRECT)
            ? new RedirectView(name.substring(REDIRECT.length()), true)
            : (View)
                (model, request, response) -> {
                  try {
                    pages.write(name, model, request, response);
                  } catch (IllegalStateException e) {
                    ErrorPages.failed(e, pages, request, response);
                  }
                };
  }

  /** Looking at the ledger leaves it the connections that webhooks and deliveries need. */
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> serverOfOperators(
      ConsoleSettings settings) {
    return server -> {
      server.addConnectorCustomizers(
          connector -> {
            connector.setMaxPostSize(LARGEST_FORM);
            if (connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol) {
              protocol.setMinSpareThreads(Math.min(settings.atATime(), FEW));
              protocol.setMaxThreads(settings.atATime());
            }
          });
      server.addContextCustomizers(
          context -> {
            // browsers write forms as UTF-8 and don't say so
            context.setRequestCharacterEncoding(StandardCharsets.UTF_8.name());
            if (context.getManager() instanceof ManagerBase sessions) {
              sessions.setMaxActiveSessions(settings.sessions());
            }
          });
    };
  }

  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    // before the page that says that there is nothing
    registry.setOrder(-1);
    files(registry, "/console/assets/**", "classpath:/console/assets/");
    files(registry, "/console/webjars/**", "classpath:/META-INF/resources/webjars/");
  }

  private static void files(ResourceHandlerRegistry registry, String path, String location) {
    registry
        .addResourceHandler(path)
        .addResourceLocations(location)
        .setCacheControl(CacheControl.maxAge(Duration.ofHours(1)))
        .resourceChain(true)
        .addResolver(new VersionResourceResolver().addContentVersionStrategy("/**"));
  }
}
