package io.commercewebhooks.delivery;

import java.net.URI;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.camel.CamelContext;
import org.apache.camel.component.salesforce.SalesforceHttpClient;
import org.apache.camel.component.salesforce.internal.client.SalesforceSecurityHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The HTTP client of the Salesforce component, without two ways to wait for ever or for long.
 *
 * <p>A sign-in or sign-out that is answered with 401 ends as a failure with that status. As shipped
 * in Camel 4.17, the handler of expired sessions takes such an answer for an expired session, fails
 * on it (it knows no client to sign in again for), and whoever waits for the answer waits for ever:
 * the worker that signs in, or the component that stops.
 *
 * <p>A sign-out takes no longer than {@link #SIGN_OUT_LIMIT_MILLIS}: a Salesforce that doesn't
 * answer must not hold up a stop for the time that a delivery may take.
 */
final class SalesforceClient extends SalesforceHttpClient {

  static final long SIGN_OUT_LIMIT_MILLIS = 3_000;

  private static final String OAUTH2 = "/services/oauth2/";
  private static final String SIGN_OUT = OAUTH2 + "revoke";
  private static final int WORKERS = 10;
  private static final int MOST_WORKERS = 20;

  /**
   * Makes a client that the component sets up and starts.
   *
   * @param context whose threads go on with a route after an answer
   * @param tls for addresses with https
   */
  SalesforceClient(CamelContext context, SSLContext tls) {
    super(
        context,
        context
            .getExecutorServiceManager()
            .newThreadPool(SalesforceClient.class, "SalesforceHttpClient", WORKERS, MOST_WORKERS),
        trusting(tls));
  }

  private static SslContextFactory.Client trusting(SSLContext tls) {
    SslContextFactory.Client factory = new SslContextFactory.Client();
    factory.setSslContext(tls);
    return factory;
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    // Under the same name it takes the place of the handler as shipped.
    getProtocolHandlers().put(new ExpiredSessions(this));
    // It would call a 401 without a challenge, which is how Salesforce answers, a broken protocol.
    getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
  }

  @Override
  public Request newRequest(URI uri) {
    return SIGN_OUT.equals(uri.getPath()) ? new SignOut(this, uri) : super.newRequest(uri);
  }

  /** Signs in again when a session has expired, and leaves answers to sign-ins and -outs alone. */
  private static final class ExpiredSessions extends SalesforceSecurityHandler {

    ExpiredSessions(SalesforceHttpClient client) {
      super(client);
    }

    @Override
    public boolean accept(Request request, Response response) {
      return !isAlone(request) && super.accept(request, response);
    }

    /** Signing in again is part of the conversation of the call that found the session expired. */
    private static boolean isAlone(Request request) {
      return request.getPath().startsWith(OAUTH2)
          && request instanceof HttpRequest http
          && http.getConversation().getExchanges().size() == 1;
    }
  }

  private static final class SignOut extends HttpRequest {

    SignOut(SalesforceClient client, URI uri) {
      super(client, new HttpConversation(), uri);
    }

    @Override
    public Request timeout(long timeout, TimeUnit unit) {
      long limit = Math.min(unit.toMillis(timeout), SIGN_OUT_LIMIT_MILLIS);
      return super.timeout(limit, TimeUnit.MILLISECONDS);
    }
  }
}
