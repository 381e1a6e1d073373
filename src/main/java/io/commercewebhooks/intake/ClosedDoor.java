package io.commercewebhooks.intake;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Tells senders to come back (503) while the routes aren't up. The port opens before them and
 * closes after them; meanwhile nobody would be found for a webhook (404), and a sender gives up on
 * such an answer.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class ClosedDoor extends OncePerRequestFilter {

  private final Supplier<CamelContext> routes;
  private final Refusals refusals;

  /**
   * @param routes asked for late, because filters are made before routes
   */
  ClosedDoor(ObjectProvider<CamelContext> routes, Refusals refusals) {
    this.routes = SingletonSupplier.of(routes::getObject);
    this.refusals = refusals;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (routes.get().isStarted()) {
      chain.doFilter(request, response);
    } else {
      refusals.sendAway(request, response);
    }
  }
}
