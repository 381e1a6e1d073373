package io.commercewebhooks.console;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** What every part of the operators' interface answers when it can't do what it was asked. */
@RestControllerAdvice(annotations = RestController.class)
class ApiProblems {

  /** To be thrown: the answer is this status with this sentence. */
  static ErrorResponseException problem(HttpStatus status, String detail) {
    return new ErrorResponseException(
        status, ProblemDetail.forStatusAndDetail(status, detail), null);
  }

  @ExceptionHandler
  ProblemDetail problem(ErrorResponseException e) {
    return e.getBody();
  }

  @ExceptionHandler({HttpMessageNotReadableException.class, MethodArgumentNotValidException.class})
  ProblemDetail unreadable(Exception e) {
    return ProblemDetail.forStatusAndDetail(
        HttpStatus.BAD_REQUEST, "the request could not be read as what this address takes");
  }

  @ExceptionHandler
  ProblemDetail noReason(Decisions.NoReasonException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
  }
}
