package io.commercewebhooks.console;

import io.commercewebhooks.ledger.Audit;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/** Who asks. */
final class Actors {

  private Actors() {}

  static Audit.Actor of(HttpServletRequest request) {
    return new Audit.Actor(request.getUserPrincipal().getName(), request.getRemoteAddr());
  }

  /** From where somebody signs in. */
  static String addressOf(Authentication login) {
    return login.getDetails() instanceof WebAuthenticationDetails details
        ? String.valueOf(details.getRemoteAddress())
        : "unknown";
  }
}
