package io.commercewebhooks.workbench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The sets of files that were live once, as the ledger keeps them; texts are kept once each. */
@Component
class FileSets {

  private final JdbcTemplate ledger;
  private final ObjectMapper json;

  FileSets(JdbcTemplate ledger, ObjectMapper json) {
    this.ledger = ledger;
    this.json = json;
  }

  /**
   * Every node runs on a set as long as its files are those that it is run on instead of.
   *
   * @param hash the set to run on
   * @param instead the set that the files are
   */
  record Rollback(String hash, String instead) {}

  void keep(FileSet set) throws JsonProcessingException {
    Map<String, String> hashes = new TreeMap<>();
    set.files().forEach((name, text) -> hashes.put(name, FileSet.sha256(text)));
    ledger.batchUpdate(
        "insert into file_text (hash, text) values (?, ?) on conflict do nothing",
        set.files().values().stream()
            .map(text -> new Object[] {FileSet.sha256(text), text})
            .toList());
    ledger.update(
        "insert into file_set (hash, files) values (?, ?::jsonb) on conflict do nothing",
        set.hash(),
        json.writeValueAsString(hashes));
  }

  Optional<FileSet> find(String hash) throws JsonProcessingException {
    List<String> found =
        ledger.queryForList("select files::text from file_set where hash = ?", String.class, hash);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> files = new TreeMap<>();
    for (Map.Entry<String, String> file :
        json.readValue(found.get(0), new TypeReference<Map<String, String>>() {}).entrySet()) {
      files.put(
          file.getKey(),
          ledger.queryForObject(
              "select text from file_text where hash = ?", String.class, file.getValue()));
    }
    return Optional.of(new FileSet(hash, new TreeMap<>(files)));
  }

  List<Map<String, Object>> all() {
    return ledger.queryForList(
        "select hash, first_live_at from file_set order by first_live_at desc limit 200");
  }

  Optional<Rollback> rollback() {
    return ledger
        .query(
            "select hash, instead from file_set_rollback",
            (row, n) -> new Rollback(row.getString("hash"), row.getString("instead")))
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
}
