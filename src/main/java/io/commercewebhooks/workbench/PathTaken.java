package io.commercewebhooks.workbench;

import com.fasterxml.jackson.databind.node.ArrayNode;
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

  private final ArrayNode path;
  private final Map<NamedNode, List<NamedNode>> branches;
  private String route;
  private ArrayNode steps;
  private List<NamedNode> inside;

  private PathTaken(ArrayNode path, CamelContext context) {
    this.path = path;
    this.branches = branches(context);
  }

  /** Adds the path of an exchange to a list of {@code {"route": …, "steps": […]}}. */
  @SuppressWarnings("unchecked")
  static void of(Exchange exchange, ArrayNode path) {
    List<MessageHistory> history =
        exchange.getProperty(ExchangePropertyKey.MESSAGE_HISTORY, List.of(), List.class);
    PathTaken taken = new PathTaken(path, exchange.getContext());
    for (int i = 0; i < Math.min(history.size(), MOST_STEPS); i++) {
      MessageHistory at = history.get(i);
      NamedNode next = i + 1 < history.size() ? history.get(i + 1).getNode() : null;
      taken.enter(at.getRouteId());
      taken.take(at.getNode(), next);
    }
  }

  private void enter(String another) {
    if (steps == null || !another.equals(route)) {
      route = another;
      steps = path.addObject().put("route", route).withArray("steps");
      inside = List.of();
    }
  }

  private void take(NamedNode step, NamedNode next) {
    List<NamedNode> around = around(step);
    around.stream().filter(branch -> !inside.contains(branch)).forEach(this::say);
    inside = around;
    if (!(step instanceof FilterDefinition)) {
      say(step);
    }
    if (step instanceof ChoiceDefinition choice
        && around(next).stream().noneMatch(branch -> isOf(choice, branch))) {
      emptyBranch(choice).forEach(this::say);
    }
  }

  private void say(NamedNode node) {
    String words = words(node);
    if (words != null) {
      steps.add(words);
    }
  }

  private List<NamedNode> around(NamedNode step) {
    return branches.getOrDefault(step, List.of());
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
