/**
 * What is looked at before anything starts, and how a start that can't be is told: in one line.
 * Also what comes into force without one, secrets that were changed in their files.
 */
package io.commercewebhooks.startup;
