package io.commercewebhooks.console;

import io.commercewebhooks.deadletters.Advice;
import io.commercewebhooks.ledger.Budget;
import io.commercewebhooks.ledger.DeliveriesEndpoint;
import io.commercewebhooks.ledger.LedgerAccount;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.springframework.stereotype.Component;

/** The targets as operators see them: with what to do about a hold, and what they let us use. */
@Component
class Targets {

  private final LedgerAccount account;
  private final Advice advice;
  private final List<Budget> budgets;
  private final CamelContext camel;

  Targets(LedgerAccount account, Advice advice, List<Budget> budgets, CamelContext camel) {
    this.account = account;
    this.advice = advice;
    this.budgets = budgets;
    this.camel = camel;
  }

  List<Map<String, Object>> all() {
    List<Map<String, Object>> targets = advice.besideHolds(account.targets());
    for (Budget budget : budgets) {
      targets.stream()
          .filter(target -> budget.target().equals(target.get("target")))
          .forEach(target -> target.put("budget", budget.words()));
    }
    return targets;
  }

  /** Whether something was ever booked for a target of this name, or a route could deliver it. */
  boolean has(String name) {
    return account.targetNames().contains(name)
        || camel.getRoutes().stream()
            .map(Route::getEndpoint)
            .anyMatch(
                from ->
                    from instanceof DeliveriesEndpoint deliveries
                        && deliveries.getTarget().equals(name));
  }
}
