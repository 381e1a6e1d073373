package io.commercewebhooks.console;

import java.util.List;
import java.util.Map;
import org.springframework.ui.Model;

/**
 * A page of a long list, the newest first.
 *
 * @param older the id below which the next page begins, or null when there is none
 */
record Page(List<Map<String, Object>> rows, Object older) {

  private static final int SIZE = 50;

  /** How many rows to read: one more than a page has, to know whether there are older ones. */
  static final int READ = SIZE + 1;

  static Page of(List<Map<String, Object>> read) {
    return read.size() < READ
        ? new Page(read, null)
        : new Page(read.subList(0, SIZE), read.get(SIZE - 1).get("id"));
  }

  /** Shows it: the rows by a name, and {@code older}. */
  void addTo(Model model, String name) {
    model.addAttribute(name, rows);
    model.addAttribute("older", older);
  }
}
