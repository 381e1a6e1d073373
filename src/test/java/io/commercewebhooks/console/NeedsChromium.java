package io.commercewebhooks.console;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Skips tests on a machine without a browser. It does so before anything is set up for them: Camel
 * keeps every later context of this process from starting when a class is given up half-way.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@EnabledIf(
    value = "io.commercewebhooks.console.Chromium#isThere",
    disabledReason = "there is no Chromium on this machine (apt-get install chromium)")
public @interface NeedsChromium {}
