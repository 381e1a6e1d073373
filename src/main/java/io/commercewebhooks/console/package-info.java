/** What operators and their scripts see: on the management port only, signed in. */
package io.commercewebhooks.console;
