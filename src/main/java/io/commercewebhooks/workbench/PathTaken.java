package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.MessageHistory;
import org.apache.camel.NamedNode;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.OtherwiseDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.ThrowExceptionDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WhenDefinition;

/** The routes that an exchange went through, with the decisions and calls in them, in words. */
final class PathTaken {

  private static final int MOST_STEPS = 1_000;

  private PathTaken() {}

  /** Adds the path of an exchange to a list of {@code {"route": …, "steps": […]}}. */
  @SuppressWarnings("unchecked")
  static void of(Exchange exchange, ArrayNode path) {
    List<MessageHistory> history =
        exchange.getProperty(ExchangePropertyKey.MESSAGE_HISTORY, List.of(), List.class);
    ObjectNode route = null;
    List<NamedNode> inside = List.of();
    for (int i = 0; i < Math.min(history.size(), MOST_STEPS); i++) {
      MessageHistory at = history.get(i);
      if (route == null || !route.path("route").asText().equals(at.getRouteId())) {
        route = path.addObject().put("route", at.getRouteId());
        inside = List.of();
      }
      ArrayNode steps = route.withArray("steps");
      List<NamedNode> branches = branches(at.getNode());
      for (NamedNode branch : branches) {
        if (!inside.contains(branch)) {
          steps.add(words(branch));
        }
      }
      inside = branches;
      String words = at.getNode() instanceof FilterDefinition ? null : words(at.getNode());
      if (words != null) {
        steps.add(words);
      }
      if (at.getNode() instanceof ChoiceDefinition choice && !goesInto(choice, history, i + 1)) {
        emptyBranch(choice).forEach(branch -> steps.add(words(branch)));
      }
    }
  }

  /** The branches that a step is in, outermost first. */
  private static List<NamedNode> branches(NamedNode node) {
    List<NamedNode> branches = new ArrayList<>();
    for (NamedNode at = node.getParent(); at != null; at = at.getParent()) {
      if (at instanceof WhenDefinition
          || at instanceof OtherwiseDefinition
          || at instanceof FilterDefinition) {
        branches.add(at);
      }
    }
    Collections.reverse(branches);
    return branches;
  }

  private static boolean goesInto(ChoiceDefinition choice, List<MessageHistory> history, int next) {
    for (NamedNode at = next < history.size() ? history.get(next).getNode() : null;
        at != null;
        at = at.getParent()) {
      if (at == choice) {
        return true;
      }
    }
    return false;
  }

  /** Which branch was taken when none of its steps was: the only one that has none, if so. */
  private static List<WhenDefinition> emptyBranch(ChoiceDefinition choice) {
    List<WhenDefinition> empty =
        choice.getWhenClauses().stream().filter(when -> when.getOutputs().isEmpty()).toList();
    return empty.size() == 1 && choice.getOtherwise() != null ? empty : List.of();
  }

  private static String words(NamedNode node) {
    String id =
        node instanceof ProcessorDefinition<?> step && step.hasCustomIdAssigned()
            ? step.getId() + ": "
            : "";
    String words = null;
    if (node instanceof WhenDefinition when) {
      words = "when " + when.getExpression().getExpression();
    } else if (node instanceof OtherwiseDefinition) {
      words = "otherwise";
    } else if (node instanceof FilterDefinition filter) {
      words = "filter " + filter.getExpression().getExpression();
    } else if (node instanceof ToDynamicDefinition to) {
      words = "to " + to.getUri();
    } else if (node instanceof SendDefinition<?> to) {
      words = "to " + to.getEndpointUri();
    } else if (node instanceof BeanDefinition bean) {
      words = "bean " + bean.getRef() + "." + bean.getMethod();
    } else if (node instanceof ThrowExceptionDefinition thrown) {
      words = "throw " + thrown.getMessage();
    }
    return words == null ? null : id + words;
  }
}
