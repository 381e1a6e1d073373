/**
 * What operators and their scripts see: on the management port only, signed in.
 *
 * <p>A class named {@code …Api} is a part of {@code /api} for scripts, one named {@code …Page} or
 * {@code …Pages} a part of {@code /console} for people; what either does goes through {@link
 * Decisions} and {@link WorkbenchDecisions}. What the first can't do is told by {@link
 * ApiProblems}, what the second can't by {@link ErrorPages}. Who may do what is in {@link
 * AccessConfiguration}, with the sign-ins that it names; {@link Pages} fills the templates.
 */
package io.commercewebhooks.console;
