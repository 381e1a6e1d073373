package io.commercewebhooks.console;

import io.commercewebhooks.ledger.LedgerTrouble;
import io.commercewebhooks.ledger.Mending;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.NestedRuntimeException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.transaction.TransactionException;
import org.springframework.validation.BindException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.ModelAndView;

/**
 * What a page says when it can't be shown, in words that help.
 *
 * <p>No {@code @Controller}: advice is heard only in the context of the service, not in that of the
 * management port, where controllers are.
 */
@ControllerAdvice(annotations = ConsolePage.class)
class ErrorPages {

  private static final Logger LOG = LoggerFactory.getLogger(ErrorPages.class);

  private static final Pattern OURS = Pattern.compile("https?://[^/]+(/console.*)");

  private static final String FAILED = "This page failed";
  private static final String SEE_LOG = "The service's log says why.";

  /** There is nothing for a page to show. */
  static final class NothingThereException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NothingThereException(String what) {
      super(what);
    }
  }

  @ExceptionHandler
  ModelAndView nothingThere(NothingThereException e) {
    return page(HttpStatus.NOT_FOUND, "Nothing there", e.getMessage());
  }

  @ExceptionHandler({
    BindException.class,
    TypeMismatchException.class,
    ServletRequestBindingException.class,
    ErrorResponseException.class,
    DateTimeException.class,
    DataIntegrityViolationException.class
  })
  ModelAndView notUnderstood(Exception e) {
    return page(
        HttpStatus.BAD_REQUEST,
        "Not understood",
        "Something in the address or the form can't be read. Go back and try again.");
  }

  @ExceptionHandler
  ModelAndView noReason(Decisions.NoReasonException e) {
    return page(
        HttpStatus.BAD_REQUEST, "A reason is needed", "Go back and say why, in a few words.");
  }

  @ExceptionHandler
  ModelAndView notMended(Mending.NotMendedException e, HttpServletRequest request) {
    return page(HttpStatus.CONFLICT, "It can't be mended", e.getMessage() + ".")
        // the event tells who was quicker
        .addObject("back", request.getRequestURI().replaceFirst("/mend$", ""));
  }

  @ExceptionHandler
  ModelAndView tooMuch(QueryTimeoutException e) {
    return page(
        HttpStatus.SERVICE_UNAVAILABLE,
        "That takes too long",
        "Nothing was changed. Ask for less: a shorter time, one type, one target.");
  }

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  ModelAndView noLedger(NestedRuntimeException e) {
    LOG.warn(
        "console: the ledger did not answer: {}", LedgerTrouble.said(e).orElse(e.getMessage()));
    return page(
        HttpStatus.SERVICE_UNAVAILABLE,
        "The ledger does not answer",
        "Meanwhile webhooks wait in the spool where there is one; else they are answered 503, so"
            + " that senders try again. Look at its database, then load this page again.");
  }

  @ExceptionHandler
  ModelAndView failed(Exception e) {
    LOG.error("console: a page failed", e);
    return page(HttpStatus.INTERNAL_SERVER_ERROR, FAILED, SEE_LOG);
  }

  /** When it is the template that fails. */
  static void failed(
      Exception e, Pages pages, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    LOG.error("console: a page failed", e);
    response.setStatus(HttpStatus.INTERNAL_SERVER_ERROR.value());
    pages.write("error", Map.of("title", FAILED, "words", SEE_LOG), request, response);
  }

  private static ModelAndView page(HttpStatus status, String title, String words) {
    return new ModelAndView("error", Map.of("title", title, "words", words), status);
  }

  /** For who is signed in and may not, and for forms of a session that is over. */
  static void refuse(
      AccessDeniedException why,
      Pages pages,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    response.setStatus(HttpStatus.FORBIDDEN.value());
    pages.write(
        "error",
        why instanceof CsrfException
            ? Map.of(
                "title",
                "This page was open for too long",
                "words",
                "Nothing was done. Go back to it, sign in if you are asked to, and try again.",
                "back",
                whereFrom(request))
            : Map.of(
                "title",
                "Not allowed",
                "words",
                "Your role does not allow this. If it should, ask an admin."),
        request,
        response);
  }

  /** The page that a form was sent from. */
  private static String whereFrom(HttpServletRequest request) {
    Matcher page = OURS.matcher(String.valueOf(request.getHeader(HttpHeaders.REFERER)));
    return page.matches() ? page.group(1) : "/console";
  }
}
