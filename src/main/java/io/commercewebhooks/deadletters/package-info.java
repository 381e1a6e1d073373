/**
 * What a failure means: which may pass, what people must do about the others, and how operators are
 * told. How dead letters come back is the ledger's.
 */
package io.commercewebhooks.deadletters;
