package io.commercewebhooks.delivery;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Variable;
import org.springframework.stereotype.Component;

/** Who of an audience still has to get a mail. */
@Component
class Recipients {

  /**
   * Leaves out those whom an earlier attempt reached.
   *
   * @param to the audience's addresses, comma separated
   * @param accepted addresses that took the mail already, or null
   * @return the others, comma separated
   */
  public String without(@Variable("to") String to, @Variable("accepted") List<String> accepted) {
    return Arrays.stream(to.split(","))
        .map(String::strip)
        .filter(address -> accepted == null || !accepted.contains(address))
        .collect(Collectors.joining(", "));
  }
}
