package io.commercewebhooks.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.context.annotation.Import;
import org.springframework.format.FormatterRegistry;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.json.MappingJackson2HttpMessageConverter;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Puts the operators' interface on the management port, and only there. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@EnableWebMvc
@Import({
  OperatorApi.class,
  SalesforceCheckApi.class,
  DataProtectionApi.class,
  DeadLettersApi.class,
  PreviewApi.class,
  RouteMapApi.class,
  DriftApi.class,
  CaseApi.class,
  ReloadApi.class,
  DescriptionApi.class
})
class OperatorApiConfiguration implements WebMvcConfigurer {

  private final ObjectMapper json;

  OperatorApiConfiguration(ObjectMapper json) {
    this.json = ApiProblems.strict(json);
  }

  @Override
  public void addInterceptors(InterceptorRegistry interceptors) {
    interceptors.addInterceptor(new KnownParameters()).addPathPatterns("/api/**");
  }

  /** By itself, a number would be a time too, in milliseconds. */
  @Override
  public void addFormatters(FormatterRegistry registry) {
    registry.addConverter(String.class, Instant.class, ApiProblems::time);
  }

  /** The same JSON as everywhere: times as ISO 8601 texts. */
  @Override
  public void extendMessageConverters(List<HttpMessageConverter<?>> converters) {
    for (HttpMessageConverter<?> converter : converters) {
      if (converter instanceof MappingJackson2HttpMessageConverter jackson) {
        jackson.setObjectMapper(json);
      }
    }
  }
}
