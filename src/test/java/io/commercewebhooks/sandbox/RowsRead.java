package io.commercewebhooks.sandbox;

import org.springframework.jdbc.core.JdbcTemplate;

/** What statements cost PostgreSQL, in rows, which no machine's speed changes. */
public final class RowsRead {

  private RowsRead() {}

  /** How many rows of deliveries were read in the transaction so far. */
  public static long ofDeliveries(JdbcTemplate ledger) {
    return ledger.queryForObject(
        """
        select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'delivery'
        """,
        Long.class);
  }
}
