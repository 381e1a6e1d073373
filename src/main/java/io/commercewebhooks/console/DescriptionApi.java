package io.commercewebhooks.console;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Describes the interface for scripts, to tools that make clients of it. */
@RestController
@RequestMapping("/api")
class DescriptionApi {

  @GetMapping(path = "/openapi.yaml", produces = "application/yaml")
  Resource description() {
    return new ClassPathResource("api/openapi.yaml");
  }
}
