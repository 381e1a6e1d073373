package io.commercewebhooks.console;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The endpoints of the operators' interface, as the code has them. */
final class ApiEndpoints {

  private ApiEndpoints() {}

  /** The methods, by names such as {@code GET /api/events/{id}}. */
  static Map<String, Method> all() throws ClassNotFoundException {
    ClassPathScanningCandidateComponentProvider controllers =
        new ClassPathScanningCandidateComponentProvider(false);
    controllers.addIncludeFilter(new AnnotationTypeFilter(RestController.class));
    Map<String, Method> endpoints = new TreeMap<>();
    for (BeanDefinition found :
        controllers.findCandidateComponents(ApiEndpoints.class.getPackageName())) {
      Class<?> controller =
          ClassUtils.forName(found.getBeanClassName(), ApiEndpoints.class.getClassLoader());
      String base = path(mapping(controller));
      for (Method method : controller.getDeclaredMethods()) {
        RequestMapping mapping = mapping(method);
        if (mapping != null) {
          endpoints.put(mapping.method()[0] + " " + base + path(mapping), method);
        }
      }
    }
    return endpoints;
  }

  private static RequestMapping mapping(AnnotatedElement element) {
    return AnnotatedElementUtils.findMergedAnnotation(element, RequestMapping.class);
  }

  private static String path(RequestMapping mapping) {
    return mapping.path().length == 0 ? "" : mapping.path()[0];
  }
}
