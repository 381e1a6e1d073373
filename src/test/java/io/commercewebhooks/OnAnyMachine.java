package io.commercewebhooks;

import java.time.Duration;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has tests mean the same on every machine: what is awaited may take long on a busy one, the
 * language is that in which the service runs, and HTTP clients give an idle connection up before
 * the service does (after 75 seconds), as those of Java 21 do by themselves.
 */
public final class OnAnyMachine implements BeforeAllCallback {

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
    Locale.setDefault(Locale.ENGLISH);
    System.setProperty("jdk.httpclient.keepalive.timeout", "30");
  }
}
