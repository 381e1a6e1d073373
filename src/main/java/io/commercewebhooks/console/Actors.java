package io.commercewebhooks.console;

import io.commercewebhooks.ledger.Audit;
import jakarta.servlet.http.HttpServletRequest;

/** Who asks. */
final class Actors {

  private Actors() {}

  static Audit.Actor of(HttpServletRequest request) {
    return new Audit.Actor(request.getUserPrincipal().getName(), request.getRemoteAddr());
  }
}
