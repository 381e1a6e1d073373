package io.commercewebhooks.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.console.EventPages.Asked;
import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.ledger.LedgerAccount;
import java.util.List;
import java.util.Map;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Lists of what was kept: unroutable events by kind, refused webhooks, what operators did. */
@ConsolePage
@RequestMapping("/console")
class RecordPages {

  private final LedgerAccount account;
  private final Audit audit;
  private final ObjectMapper json;

  RecordPages(LedgerAccount account, Audit audit, ObjectMapper json) {
    this.account = account;
    this.audit = audit;
    this.json = json;
  }

  @GetMapping("/unroutable")
  String unroutable(Model model) {
    model.addAttribute("kinds", account.unroutableKinds());
    return "unroutable";
  }

  @GetMapping("/rejected")
  String rejected(@RequestParam(required = false) Long before, Model model) {
    Page.of(account.rejectedWebhooks(before, Page.READ)).addTo(model, "rows");
    model.addAttribute("before", before);
    return "rejected";
  }

  @GetMapping("/audit")
  String audit(Audit.Filter filter, Model model) {
    model.addAttribute("filter", filter);
    List<Map<String, Object>> lines =
        audit.lines(
            new Audit.Filter(
                Asked.word(filter.actor()),
                Asked.word(filter.action()),
                Asked.word(filter.object()),
                filter.from(),
                filter.to(),
                filter.before(),
                Page.READ));
    lines.forEach(line -> line.compute("detail", (name, raw) -> json.valueToTree(raw).toString()));
    Page.of(lines).addTo(model, "rows");
    return "audit";
  }
}
