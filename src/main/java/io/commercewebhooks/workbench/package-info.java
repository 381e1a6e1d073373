/**
 * What helps those who change routes and config: trying a change out before it is live, the map of
 * the routes, and what senders send that nobody knows yet.
 */
package io.commercewebhooks.workbench;
