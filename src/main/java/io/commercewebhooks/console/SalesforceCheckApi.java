package io.commercewebhooks.console;

import io.commercewebhooks.delivery.SalesforceCheck;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Lets operators ask whether the connection to Salesforce is good. */
@RestController
@RequestMapping("/api/targets/salesforce")
class SalesforceCheckApi {

  private final SalesforceCheck check;

  SalesforceCheckApi(SalesforceCheck check) {
    this.check = check;
  }

  @GetMapping("/check")
  SalesforceCheck.Report check() {
    return check.run();
  }
}
