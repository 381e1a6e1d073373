package io.commercewebhooks.deadletters;

import com.schibsted.spt.data.jslt.JsltException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.springframework.stereotype.Component;

/**
 * A step that ends with an error, such as a mapping that calls itself without end or memory that is
 * used up, fails like one that ends with an exception. Camel lets errors pass by all failure
 * policies: a webhook would be answered as if it were kept, and a delivery be tried each second for
 * good, in front of all others.
 */
@Component
class ErrorsAsFailures implements InterceptStrategy {

  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext context, NamedNode step, Processor target, Processor next) {
    boolean isMapping = addressOf(step).startsWith("jslt:");
    return new DelegateAsyncProcessor(target) {
      @Override
      public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
          return super.process(exchange, callback);
        } catch (Error e) {
          exchange.setException(
              isMapping && e instanceof StackOverflowError
                  ? new JsltException("the mapping calls itself without end")
                  : e);
          callback.done(true);
          return true;
        }
      }
    };
  }

  private static String addressOf(NamedNode step) {
    if (step instanceof ToDefinition to) {
      return String.valueOf(to.getUri());
    }
    return step instanceof ToDynamicDefinition to ? String.valueOf(to.getUri()) : "";
  }
}
