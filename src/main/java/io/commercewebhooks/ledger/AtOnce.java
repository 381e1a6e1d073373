package io.commercewebhooks.ledger;

import java.util.Map;
import org.springframework.util.unit.DataSize;

/**
 * How many events are read at once. A batch counts rows, and a row may hold a few hundred bytes or
 * a megabyte; the heap has to be enough either way. So rows that are due are read until their
 * bodies add up to so many bytes, one row at least, and the others stay for the next time.
 *
 * @param most how much the bodies of events hold together that are read at once, as they lie in the
 *     ledger; the last of them may reach beyond it
 */
record AtOnce(DataSize most) {

  /** The column that says how much a row and all before it hold. */
  static final String HELD = "held";

  /**
   * Wraps a query.
   *
   * @param rows a query of rows with a {@code body}
   * @param order of its columns: by what the rows are read, and cut off
   */
  String of(String rows, String order) {
    return """
    select * from (
      select due.*,
             sum(octet_length(body)) over (order by %1$s rows unbounded preceding) as %2$s
      from (%3$s) due) within
    where %2$s - octet_length(body) < %4$d
    order by %1$s
    """
        .formatted(order, HELD, rows, most.toBytes());
  }

  /** Whether others may have stayed behind because of what these hold. */
  boolean isReachedBy(long held) {
    return held >= most.toBytes();
  }

  /** Likewise, of the last row that was read. */
  boolean isReachedBy(Map<String, Object> last) {
    return isReachedBy(((Number) last.get(HELD)).longValue());
  }
}
