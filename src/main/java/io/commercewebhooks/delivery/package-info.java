/** What the targets need besides their routes: connections and their settings. */
package io.commercewebhooks.delivery;
