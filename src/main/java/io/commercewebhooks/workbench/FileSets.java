package io.commercewebhooks.workbench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.Sha256;
import io.commercewebhooks.workbench.LiveFiles.Rollback;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** The sets of files that were live once, as the ledger keeps them; texts are kept once each. */
@Component
class FileSets {

  private final JdbcTemplate ledger;
  private final ObjectMapper json;
  private final TransactionTemplate ofItsOwn;

  FileSets(JdbcTemplate ledger, ObjectMapper json, TransactionTemplate transaction) {
    this.ledger = ledger;
    this.json = json;
    this.ofItsOwn = new TransactionTemplate(transaction.getTransactionManager());
    ofItsOwn.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
  }

  /** At once, whatever else is under way: other nodes keep the same set, and events name it. */
  void keep(FileSet set) throws JsonProcessingException {
    Map<String, String> hashes = new TreeMap<>();
    List<Object[]> texts = new ArrayList<>();
    set.files()
        .forEach(
            (name, text) -> {
              String hash = Sha256.of(text);
              hashes.put(name, hash);
              texts.add(new Object[] {hash, text});
            });
    String files = json.writeValueAsString(hashes);
    ofItsOwn.executeWithoutResult(
        status -> {
          ledger.batchUpdate(
              "insert into file_text (hash, text) values (?, ?) on conflict do nothing", texts);
          ledger.update(
              "insert into file_set (hash, files) values (?, ?::jsonb) on conflict do nothing",
              set.hash(),
              files);
        });
  }

  Optional<FileSet> find(String hash) {
    SortedMap<String, String> files = new TreeMap<>();
    ledger.query(
        """
        select file.key as name, text.text
        from file_set, jsonb_each_text(files) as file
        join file_text text on text.hash = file.value
        where file_set.hash = ?
        """,
        row -> {
          files.put(row.getString("name"), row.getString("text"));
        },
        hash);
    return files.isEmpty() ? Optional.empty() : Optional.of(new FileSet(hash, files));
  }

  /**
   * The newest sets, each with a number by which the list goes on.
   *
   * @param before a number: only older sets; null means any
   */
  List<Map<String, Object>> all(Long before, int atMost) {
    return ledger.queryForList(
        """
        select * from (
          select (extract(epoch from first_live_at) * 1000000)::bigint as id, hash, first_live_at
          from file_set) as numbered
        where id < coalesce(?::bigint, 9223372036854775807)
        order by id desc limit ?
        """,
        before,
        atMost);
  }

  Optional<Rollback> rollback() {
    return ledger
        .query(
            "select hash, instead, actor, asked_at from file_set_rollback",
            (row, n) ->
                new Rollback(
                    row.getString("hash"),
                    row.getString("instead"),
                    row.getString("actor"),
                    row.getTimestamp("asked_at").toInstant()))
        .stream()
        .findFirst();
  }

  void rollBack(String hash, String instead, String actor) {
    ledger.update(
        """
        insert into file_set_rollback (hash, instead, actor) values (?, ?, ?)
        on conflict (one) do update
        set hash = excluded.hash, instead = excluded.instead, actor = excluded.actor,
            asked_at = now()
        """,
        hash,
        instead,
        actor);
  }

  void endRollback() {
    ledger.update("delete from file_set_rollback");
  }
}
