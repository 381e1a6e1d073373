package io.commercewebhooks.flow;

import org.springframework.jdbc.core.JdbcTemplate;

/** A ledger that keeps all who keep events waiting: no failure tells anybody that it is unwell. */
final class HangingLedger {

  private HangingLedger() {}

  static void hang(JdbcTemplate ledger) {
    ledger.execute(
        """
        create table hanging (since timestamptz);
        insert into hanging values (now());
        create function hang() returns trigger language plpgsql as $$
        begin
          while exists (select from hanging) loop
            perform pg_sleep(0.05);
          end loop;
          return new;
        end $$;
        create trigger hang before insert on event for each row execute function hang();
        """);
  }

  /** Whoever waits goes on; nothing happens where nobody does. */
  static void goOn(JdbcTemplate ledger) {
    if (ledger.queryForObject("select to_regclass('hanging')::text", String.class) != null) {
      ledger.update("delete from hanging");
      ledger.execute("drop function hang cascade");
      ledger.execute("drop table hanging");
    }
  }
}
