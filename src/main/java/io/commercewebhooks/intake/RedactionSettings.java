package io.commercewebhooks.intake;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Which fields never reach the ledger as they came; see {@code config/redaction.yaml}. Names match
 * at any depth, in any case, with or without {@code _} and {@code -}.
 *
 * @param drop fields that are removed
 * @param lastFour fields of which the last four characters stay
 * @param mask fields whose value is replaced by asterisks
 */
@ConfigurationProperties("redaction")
public record RedactionSettings(List<String> drop, List<String> lastFour, List<String> mask) {}
