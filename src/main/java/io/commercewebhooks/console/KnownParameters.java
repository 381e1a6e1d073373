package io.commercewebhooks.console;

import io.commercewebhooks.config.NearestWord;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Refuses a parameter that the address doesn't take: without a misspelt filter it means all. */
class KnownParameters implements HandlerInterceptor {

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method) {
      Set<String> known =
          Arrays.stream(method.getMethodParameters())
              .flatMap(KnownParameters::names)
              .collect(Collectors.toSet());
      for (String name : request.getParameterMap().keySet()) {
        if (!known.contains(name) && isForm(request)) {
          throw ApiProblems.problem(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "send JSON, with the header content-type: application/json");
        }
        if (!known.contains(name)) {
          throw ApiProblems.problem(
              HttpStatus.BAD_REQUEST,
              "\"%s\" is no parameter that this address takes%s"
                  .formatted(name, NearestWord.insteadOrNothing(name, known)));
        }
      }
    }
    return true;
  }

  /** As curl calls what it sends, unless it is told otherwise. */
  private static boolean isForm(HttpServletRequest request) {
    String type = request.getContentType();
    return type != null && type.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE);
  }

  /** A filter is a record of parameters. */
  private static Stream<String> names(MethodParameter parameter) {
    if (parameter.hasParameterAnnotation(RequestParam.class)) {
      return Stream.of(parameter.getParameter().getName());
    }
    Class<?> type = parameter.getParameterType();
    return type.isRecord() && !parameter.hasParameterAnnotation(RequestBody.class)
        ? Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName)
        : Stream.empty();
  }
}
