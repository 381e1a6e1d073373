package io.commercewebhooks.ledger;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * Where events wait while the ledger is away; {@code config/application.yaml} has every value and
 * its meaning.
 *
 * @param folder empty when there is no spool
 * @param mostEvents how many may wait
 * @param mostSize how much they may hold together
 */
@ConfigurationProperties("intake.spool")
public record SpoolSettings(String folder, int mostEvents, DataSize mostSize) {}
