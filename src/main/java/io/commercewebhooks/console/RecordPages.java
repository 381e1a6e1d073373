package io.commercewebhooks.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.commercewebhooks.ledger.Audit;
import io.commercewebhooks.ledger.LedgerAccount;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Lists of what was kept: unroutable events by kind, refused webhooks, what operators did. */
@Controller
@RequestMapping("/console")
class RecordPages {

  private static final int PAGE = 50;

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
    return page(account.rejectedWebhooks(before, PAGE + 1), "rejected", model);
  }

  @GetMapping("/audit")
  String audit(Audit.Filter filter, Model model) {
    model.addAttribute("filter", filter);
    List<Map<String, Object>> lines =
        audit.lines(
            new Audit.Filter(
                word(filter.actor()),
                word(filter.action()),
                word(filter.object()),
                filter.from(),
                filter.to(),
                filter.before(),
                PAGE + 1));
    lines.forEach(line -> line.compute("detail", (name, raw) -> json.valueToTree(raw).toString()));
    return page(lines, "audit", model);
  }

  private static String word(String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }

  private static String page(List<Map<String, Object>> rows, String page, Model model) {
    boolean more = rows.size() > PAGE;
    model.addAttribute("rows", more ? rows.subList(0, PAGE) : rows);
    model.addAttribute("older", more ? rows.get(PAGE - 1).get("id") : null);
    return page;
  }
}
