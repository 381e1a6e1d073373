package io.commercewebhooks.intake;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.web.servlet.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * What is answered where no route answers (wrong address, wrong method, a failure of the server):
 * the same short problem as at any refusal.
 */
@Controller
class Problems implements ErrorController {

  private final Refusals refusals;

  Problems(Refusals refusals) {
    this.refusals = refusals;
  }

  @RequestMapping("${server.error.path:/error}")
  void problem(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    refusals.answer(request, response, status(code));
  }

  /** Asked for by its name, this address is as unknown as any other. */
  private static HttpStatus status(Object code) {
    if (code == null) {
      return HttpStatus.NOT_FOUND;
    }
    if (ServerProblems.IS_BAD_REQUEST.contains(code)) {
      return HttpStatus.BAD_REQUEST;
    }
    HttpStatus status = code instanceof Integer number ? HttpStatus.resolve(number) : null;
    return status == null ? HttpStatus.INTERNAL_SERVER_ERROR : status;
  }
}
