package io.commercewebhooks.sandbox;

import io.commercewebhooks.Application;
import org.springframework.boot.SpringApplication;

public final class Sandbox {
  public static void main(String[] args) {
    LocalServers servers = LocalServers.start(8990, 3025, 8025);
    servers.environment().forEach(System::setProperty);
    SpringApplication.from(Application::main).run(args);
  }
}
