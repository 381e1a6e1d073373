/**
 * What people write in {@code config} and {@code routes}, with file, line and column, and what is
 * wrong with it: settings that nobody reads, routes that lose events, conditions that hold for
 * none. It only reads; the start, {@code --check} and the workbench each refuse by it.
 */
package io.commercewebhooks.config;
