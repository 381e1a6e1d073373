package io.commercewebhooks.intake;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;

/**
 * A request that another thread works on, and which is over once that thread has answered it.
 * Spring would let it pass the server, its servlet and all that makes answers of results once more,
 * to find that nothing is left to do; meanwhile the connection takes no other request.
 */
final class AnsweredRequest implements AsyncContext {

  private final AsyncContext request;
  private final ServletResponse answer;

  AnsweredRequest(AsyncContext request, ServletResponse answer) {
    this.request = request;
    this.answer = answer;
  }

  @Override
  public void dispatch() {
    if (answer.isCommitted()) {
      request.complete();
    } else {
      request.dispatch();
    }
  }

  @Override
  public ServletRequest getRequest() {
    return request.getRequest();
  }

  @Override
  public ServletResponse getResponse() {
    return request.getResponse();
  }

  @Override
  public boolean hasOriginalRequestAndResponse() {
    return request.hasOriginalRequestAndResponse();
  }

  @Override
  public void dispatch(String path) {
    request.dispatch(path);
  }

  @Override
  public void dispatch(ServletContext context, String path) {
    request.dispatch(context, path);
  }

  @Override
  public void complete() {
    request.complete();
  }

  @Override
  public void start(Runnable run) {
    request.start(run);
  }

  @Override
  public void addListener(AsyncListener listener) {
    request.addListener(listener);
  }

  @Override
  public void addListener(
      AsyncListener listener, ServletRequest servletRequest, ServletResponse servletResponse) {
    request.addListener(listener, servletRequest, servletResponse);
  }

  @Override
  public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
    return request.createListener(type);
  }

  @Override
  public void setTimeout(long millis) {
    request.setTimeout(millis);
  }

  @Override
  public long getTimeout() {
    return request.getTimeout();
  }
}
