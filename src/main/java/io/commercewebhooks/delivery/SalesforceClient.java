package io.commercewebhooks.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Ticker;
import io.commercewebhooks.SafeAddress;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.salesforce.SalesforceHttpClient;
import org.apache.camel.component.salesforce.api.SalesforceException;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.internal.HttpContentResponse;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The HTTP client of the Salesforce component, with six things that Camel 4.17 lacks.
 *
 * <ul>
 *   <li>Workers that find their session expired at the same time share one sign-in. As shipped,
 *       each signs in for itself, up to three times without a pause.
 *   <li>After a sign-in that failed there is a pause ({@link SignInPause}).
 *   <li>A sign-in or sign-out that is answered with 401 ends as a failure with that status; as
 *       shipped, whoever waits for it waits for ever. A sign-out takes no longer than {@link
 *       #SIGN_OUT_LIMIT_MILLIS}.
 *   <li>A sign-in that is answered with 200 and no whole session ends as a failure too; as shipped,
 *       what there is of it is kept, and nobody signs in any more.
 *   <li>After a call that did not reach the org the next one signs in anew: the address of the org,
 *       which a sign-in tells, may be another by now. As shipped, the old one is called for ever.
 *   <li>A session never goes over plain HTTP, except on this machine.
 * </ul>
 */
final class SalesforceClient extends SalesforceHttpClient {

  static final long SIGN_OUT_LIMIT_MILLIS = 3_000;

  private static final String OAUTH2 = "/services/oauth2/";
  private static final String SIGN_IN = OAUTH2 + "token";
  private static final String SIGN_OUT = OAUTH2 + "revoke";
  private static final String BEARER = "Bearer ";
  private static final int WORKERS = 10;
  private static final int MOST_WORKERS = 20;

  private final SignInPause pause;
  private final Consumer<HttpFields> answers;

  /** The session of the last call that did not reach the org. */
  private volatile String astray;

  /**
   * Makes a client that the component sets up and starts.
   *
   * @param context whose threads go on with a route after an answer
   * @param tls for addresses with https
   * @param signIn the pause between sign-ins that failed
   * @param answers hears the headers of each answer, which the component gives to nobody
   */
  SalesforceClient(
      CamelContext context,
      SSLContext tls,
      SalesforceSettings.SignIn signIn,
      Consumer<HttpFields> answers) {
    super(
        context,
        context
            .getExecutorServiceManager()
            .newThreadPool(SalesforceClient.class, "SalesforceHttpClient", WORKERS, MOST_WORKERS),
        trusting(tls));
    this.answers = answers;
    pause = new SignInPause(signIn.firstPause(), signIn.longestPause(), Ticker.systemTicker());
  }

  private static SslContextFactory.Client trusting(SSLContext tls) {
    SslContextFactory.Client factory = new SslContextFactory.Client();
    factory.setSslContext(tls);
    return factory;
  }

  /** Lets the next sign-in go at once, however the last one ended. */
  void endPause() {
    pause.end();
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    // Under the same name it takes the place of the handler as shipped.
    getProtocolHandlers().put(new ExpiredSessions());
    // It would call a 401 without a challenge, which is how Salesforce answers, a broken protocol.
    getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
    getRequestListeners()
        .addListener(
            new Request.Listener() {
              @Override
              public void onQueued(Request request) {
                request.onResponseHeaders(response -> answers.accept(response.getHeaders()));
              }

              @Override
              public void onFailure(Request request, Throwable failure) {
                if (isUnreached(failure) && !request.getPath().startsWith(OAUTH2)) {
                  astray = bearer(request);
                }
              }
            });
  }

  @Override
  public Request newRequest(URI uri) {
    URI address = withHost(uri);
    return switch (safe(address).getPath()) {
      case SIGN_IN -> new SignIn(address);
      case SIGN_OUT -> new SignOut(address);
      default -> super.newRequest(address);
    };
  }

  @Override
  public HttpRequest newHttpRequest(HttpConversation conversation, URI uri) {
    return super.newHttpRequest(conversation, safe(withHost(found(uri))));
  }

  /**
   * For a moment, while another worker signs in anew, the component knows no address of the org and
   * calls "null". This waits for that sign-in, and shares its failure.
   */
  private URI withHost(URI uri) {
    if (uri.getHost() != null) {
      return uri;
    }
    try {
      getSession().login(null);
    } catch (SalesforceException e) {
      throw new RuntimeCamelException(e);
    }
    return URI.create(getSession().getInstanceUrl() + uri.toString().replaceFirst("^null", ""));
  }

  private static boolean isUnreached(Throwable failure) {
    return failure instanceof ConnectException
        || failure instanceof NoRouteToHostException
        || failure instanceof UnknownHostException
        || failure instanceof UnresolvedAddressException
        || failure instanceof SocketTimeoutException
        || failure instanceof SSLException;
  }

  /** Where the org is by now, if the last call with this session did not reach it. */
  private URI found(URI uri) {
    String token = getSession().getAccessToken();
    if (token == null || !token.equals(astray)) {
      return uri;
    }
    astray = null;
    String before = getSession().getInstanceUrl();
    try {
      getSession().login(token);
    } catch (SalesforceException e) {
      throw new RuntimeCamelException(e);
    }
    String address = uri.toString();
    return before != null && address.startsWith(before)
        ? URI.create(getSession().getInstanceUrl() + address.substring(before.length()))
        : uri;
  }

  private static String bearer(Request call) {
    String authorization = call.getHeaders().get(HttpHeader.AUTHORIZATION);
    return authorization == null ? null : authorization.replaceFirst(BEARER, "");
  }

  private static URI safe(URI uri) {
    if (!SafeAddress.isSafe(uri)) {
      throw new IllegalStateException("a session never goes over plain HTTP: " + uri.getHost());
    }
    return uri;
  }

  /** Signs in anew when a call finds its session expired, and makes the call once more. */
  private final class ExpiredSessions implements ProtocolHandler {

    private static final String RENEWED = "renewed-session";

    @Override
    public String getName() {
      return "CamelSalesforceSecurityHandler";
    }

    @Override
    public boolean accept(Request request, Response response) {
      return response.getStatus() == HttpStatus.UNAUTHORIZED_401
          && request instanceof HttpRequest call
          && !call.getPath().startsWith(OAUTH2)
          && call.getConversation().getAttribute(RENEWED) == null;
    }

    @Override
    public Response.Listener getResponseListener() {
      return new Renewal();
    }

    private final class Renewal extends BufferingResponseListener {

      /** An expired password signs in well, and then every call is refused. */
      private static final String HOPELESS = "INVALID_OPERATION_WITH_EXPIRED_PASSWORD";

      Renewal() {
        super(getMaxContentLength());
      }

      @Override
      public void onComplete(Result result) {
        HttpRequest call = (HttpRequest) result.getRequest();
        call.getConversation().setAttribute(RENEWED, true);
        Response refusal =
            new HttpContentResponse(
                result.getResponse(), getContent(), getMediaType(), getEncoding());
        if (result.isFailed() || getContentAsString().contains(HOPELESS)) {
          end(call, refusal, result.getFailure());
        } else {
          // Signing in waits for an answer, which a thread that brings answers must not do.
          getWorkerPool().execute(() -> renew(call, refusal));
        }
      }

      private void renew(HttpRequest call, Response refusal) {
        try {
          String token = getSession().login(bearer(call));
          call.getConversation().updateResponseListeners(null);
          again(call, token).send(null);
        } catch (SalesforceException | RuntimeException e) {
          end(call, refusal, e);
        }
      }

      private Request again(HttpRequest call, String token) {
        Request again = copyRequest(call, call.getURI()).method(call.getMethod());
        if (again.getBody() != null) {
          again.getBody().rewind();
        }
        again.headers(
            headers -> {
              // where the raw operation sends the session a second time
              headers.remove("X-SFDC-Session");
              headers.put(HttpHeader.AUTHORIZATION, BEARER + token);
            });
        again.onRequestBegin(
            begun -> {
              if (call.getAbortCause() != null) {
                begun.abort(call.getAbortCause());
              }
            });
        return again;
      }

      private void end(HttpRequest call, Response response, Throwable failure) {
        HttpConversation conversation = call.getConversation();
        conversation.updateResponseListeners(null);
        if (failure == null) {
          conversation.getResponseListeners().emitSuccessComplete(new Result(call, response));
        } else {
          conversation
              .getResponseListeners()
              .emitFailureComplete(new Result(call, null, response, failure));
        }
      }
    }
  }

  private final class SignIn extends HttpRequest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NO_SESSION = "no session is in it";

    /** The component cuts the id of the org out of it. */
    private static final Pattern IDENTITY = Pattern.compile("id/.{18}");

    SignIn(URI uri) {
      super(SalesforceClient.this, new HttpConversation(), uri);
    }

    @Override
    public ContentResponse send()
        throws InterruptedException, TimeoutException, ExecutionException {
      return pause.answer(() -> withSession(super.send()));
    }

    /**
     * Of an answer that lacks something the component keeps the rest, never signs in again, and
     * calls in vain for ever.
     */
    private static ContentResponse withSession(ContentResponse answer) throws ExecutionException {
      if (answer.getStatus() == HttpStatus.OK_200) {
        try {
          JsonNode session = JSON.readTree(answer.getContentAsString());
          URI org = new URI(session.path("instance_url").asText());
          if (session.path("access_token").asText().isEmpty()
              || org.getHost() == null
              || !IDENTITY.matcher(session.path("id").asText()).find()) {
            throw new JsonMappingException(null, NO_SESSION);
          }
          safe(org);
        } catch (JsonProcessingException e) {
          throw new ExecutionException(e);
        } catch (URISyntaxException e) {
          throw new ExecutionException(new JsonMappingException(null, NO_SESSION));
        }
      }
      return answer;
    }
  }

  private final class SignOut extends HttpRequest {

    SignOut(URI uri) {
      super(SalesforceClient.this, new HttpConversation(), uri);
    }

    @Override
    public Request timeout(long timeout, TimeUnit unit) {
      long limit = Math.min(unit.toMillis(timeout), SIGN_OUT_LIMIT_MILLIS);
      return super.timeout(limit, TimeUnit.MILLISECONDS);
    }
  }
}
