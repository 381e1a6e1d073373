/**
 * The service as a process of its own: how it starts, how it refuses to start, how it stops, and
 * what becomes of webhooks when it is killed.
 *
 * <p>Classes named {@code *Test} run its classes in a child JVM, as part of every build. Classes
 * named {@code *IT} run the packaged jar under load; only the profile {@code failures} runs them.
 */
package io.commercewebhooks.failures;
