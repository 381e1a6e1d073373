package io.commercewebhooks.console;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/**
 * What {@code /api} answers where no part of it takes the request: problems too, as RFC 9457 wants.
 */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
class NoSuchAddress {

  /** Whose address it isn't goes on as it came. */
  @ExceptionHandler({
    NoHandlerFoundException.class,
    NoResourceFoundException.class,
    HttpRequestMethodNotSupportedException.class,
    HttpMediaTypeException.class
  })
  ResponseEntity<ProblemDetail> noneTakesIt(Exception e, HttpServletRequest request)
      throws Exception {
    if (request.getRequestURI().startsWith("/api/") && e instanceof ErrorResponse problem) {
      return ResponseEntity.status(problem.getStatusCode())
          .headers(problem.getHeaders())
          .body(problem.getBody());
    }
    throw e;
  }
}
