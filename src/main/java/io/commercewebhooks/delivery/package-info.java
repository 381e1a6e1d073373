/**
 * What the targets need besides their routes: connections and their settings, who gets which mail,
 * and how mails write money and times.
 */
package io.commercewebhooks.delivery;
