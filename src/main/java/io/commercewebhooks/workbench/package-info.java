/**
 * What helps those who change routes and config: trying a change out, taking it up without a
 * restart and going back, the map of the routes, and what senders send that nobody knows yet.
 */
package io.commercewebhooks.workbench;
