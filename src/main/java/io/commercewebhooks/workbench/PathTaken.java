package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.MessageHistory;
import org.apache.camel.NamedNode;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.Model;
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
    Map<NamedNode, List<NamedNode>> branches = branches(exchange.getContext());
    ObjectNode route = null;
    List<NamedNode> inside = List.of();
    for (int i = 0; i < Math.min(history.size(), MOST_STEPS); i++) {
      MessageHistory at = history.get(i);
      if (route == null || !route.path("route").asText().equals(at.getRouteId())) {
        route = path.addObject().put("route", at.getRouteId());
        inside = List.of();
      }
      ArrayNode steps = route.withArray("steps");
      List<NamedNode> now = branches.getOrDefault(at.getNode(), List.of());
      for (NamedNode branch : now) {
        if (!inside.contains(branch)) {
          steps.add(words(branch));
        }
      }
      inside = now;
      String words = at.getNode() instanceof FilterDefinition ? null : words(at.getNode());
      if (words != null) {
        steps.add(words);
      }
      NamedNode next = i + 1 < history.size() ? history.get(i + 1).getNode() : null;
      if (at.getNode() instanceof ChoiceDefinition choice
          && branches.getOrDefault(next, List.of()).stream()
              .noneMatch(branch -> isOf(choice, branch))) {
        emptyBranch(choice).forEach(branch -> steps.add(words(branch)));
      }
    }
  }

  private static boolean isOf(ChoiceDefinition choice, NamedNode branch) {
    return branch == choice.getOtherwise() || choice.getWhenClauses().contains(branch);
  }

  /** The branches that each step is in, outermost first. */
  private static Map<NamedNode, List<NamedNode>> branches(CamelContext context) {
    Map<NamedNode, List<NamedNode>> branches = new IdentityHashMap<>();
    context
        .getCamelContextExtension()
        .getContextPlugin(Model.class)
        .getRouteDefinitions()
        .forEach(route -> inside(route.getOutputs(), List.of(), branches));
    return branches;
  }

  private static void inside(
      List<ProcessorDefinition<?>> steps,
      List<NamedNode> around,
      Map<NamedNode, List<NamedNode>> branches) {
    for (ProcessorDefinition<?> step : steps) {
      branches.put(step, around);
      if (step instanceof ChoiceDefinition choice) {
        choice
            .getWhenClauses()
            .forEach(when -> inside(when.getOutputs(), with(around, when), branches));
        if (choice.getOtherwise() != null) {
          inside(choice.getOtherwise().getOutputs(), with(around, choice.getOtherwise()), branches);
        }
      } else if (step instanceof FilterDefinition filter) {
        inside(filter.getOutputs(), with(around, filter), branches);
      } else {
        inside(step.getOutputs(), around, branches);
      }
    }
  }

  private static List<NamedNode> with(List<NamedNode> around, NamedNode branch) {
    List<NamedNode> branches = new ArrayList<>(around);
    branches.add(branch);
    return branches;
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
