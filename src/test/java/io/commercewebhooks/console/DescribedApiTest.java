package io.commercewebhooks.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.commercewebhooks.workbench.Previews;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Whether the OpenAPI description says what the code takes. What it answers is held against it by
 * every test.
 */
class DescribedApiTest {

  /** In a filter, which page of a list; what is decided is about all of it. */
  private static final Set<String> OF_LISTS = Set.of("before", "limit");

  @Test
  void every_endpoint_is_described_and_nothing_else() throws ClassNotFoundException {
    assertThat(DescribedApi.operations()).isEqualTo(ApiEndpoints.all().keySet());
  }

  @TestFactory
  Stream<DynamicTest> an_endpoint_takes_the_parameters_and_fields_that_are_described()
      throws ClassNotFoundException {
    return ApiEndpoints.all().entrySet().stream()
        .map(
            endpoint ->
                dynamicTest(
                    endpoint.getKey(),
                    () -> assertDescribed(endpoint.getKey(), endpoint.getValue())));
  }

  private static void assertDescribed(String operation, Method endpoint) {
    assertThat(DescribedApi.queryParameters(operation)).isEqualTo(parameters(endpoint));
    JsonNode described = DescribedApi.body(operation);
    Optional<Class<?>> body = body(endpoint);
    assertThat(described.isMissingNode()).isEqualTo(body.isEmpty());
    body.ifPresent(type -> assertDescribed(type, described));
  }

  private static Set<String> parameters(Method endpoint) {
    return Arrays.stream(endpoint.getParameters())
        .filter(parameter -> !parameter.isAnnotationPresent(RequestBody.class))
        .flatMap(
            parameter ->
                parameter.isAnnotationPresent(RequestParam.class)
                    ? Stream.of(parameter.getName())
                    : names(parameter.getType()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> names(Class<?> type) {
    return type.isRecord()
        ? Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName)
        : Stream.empty();
  }

  private static Optional<Class<?>> body(Method endpoint) {
    return endpoint.getDeclaringClass() == PreviewApi.class
        ? Optional.of(Previews.Wanted.class)
        : Arrays.stream(endpoint.getParameters())
            .filter(parameter -> parameter.isAnnotationPresent(RequestBody.class))
            .findFirst()
            .map(Parameter::getType);
  }

  private static void assertDescribed(Class<?> type, JsonNode described) {
    JsonNode properties = DescribedApi.resolved(described).path("properties");
    Set<String> fields = names(type).collect(Collectors.toSet());
    if (type.getSimpleName().endsWith("Filter")) {
      fields.removeAll(OF_LISTS);
    }
    assertThat(properties.properties())
        .extracting(Map.Entry::getKey)
        .as(type.getName())
        .containsExactlyInAnyOrderElementsOf(fields);
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getType().isRecord()) {
        assertDescribed(component.getType(), properties.path(component.getName()));
      }
    }
  }
}
