/** Everything about failing: which failures may pass, and how dead letters come back. */
package io.commercewebhooks.deadletters;
