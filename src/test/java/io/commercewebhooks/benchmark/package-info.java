/**
 * How fast the service is beside one that a good engineer would write by hand, in one run on one
 * machine: {@code ./mvnw -Pbenchmark verify}.
 */
package io.commercewebhooks.benchmark;
