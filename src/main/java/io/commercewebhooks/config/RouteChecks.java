package io.commercewebhooks.config;

import static io.commercewebhooks.config.NearestWord.instead;
import static io.commercewebhooks.config.NearestWord.insteadOrNothing;
import static io.commercewebhooks.config.WrittenRoutes.in;
import static io.commercewebhooks.config.WrittenRoutes.isPlainName;
import static io.commercewebhooks.config.WrittenRoutes.named;

import com.fasterxml.jackson.databind.JsonNode;
import io.commercewebhooks.CannotStartException;
import io.commercewebhooks.config.WrittenRoutes.Mail;
import io.commercewebhooks.config.WrittenRoutes.Named;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds in route files what Camel would not notice before an event is lost in it. */
public final class RouteChecks {

  private static final String OF_TYPE = "${variable.type}";

  private final WrittenRoutes written;

  public RouteChecks(WrittenRoutes written) {
    this.written = written;
  }

  /**
   * Refuses what Camel ignores when it starts.
   *
   * @throws CannotStartException when a failure policy doesn't exist, so that failures would pass
   *     unnoticed, a {@code direct:} call would find nobody, a delivery would wait for ever, events
   *     of a type that nobody has would be kept in order, or two routes would share one id or the
   *     work of one
   */
  public void check() {
    for (Named key : written.keys) {
      if (!Dsl.WORDS.contains(key.name())) {
        throw key.wrong(
            "the YAML DSL doesn't know '%s'%s",
            key.name(), insteadOrNothing(key.name(), Dsl.WORDS));
      }
    }
    refuseSecond(written.policies, "routeConfiguration is called", "write another id");
    refuseSecond(written.routes, "route is called", "write another id");
    refuseSecond(written.taken, "route takes", "take one of them away");
    for (Named again : written.bookedAgain) {
      throw again.wrong(
          "of two deliveries to %s the second would be lost; write another audience, or keep one",
          again.name());
    }
    refuseUnknown(written.policiesNamed, "routeConfiguration ", written.policies);
    refuseUnknown(written.calls, "route from direct:", written.consumers);
    refuseUnknown(written.booked, "route from deliveries:", written.delivered);
    refuseUnknown(written.partialTypes(), "route from events:", written.typesRouted);
  }

  /** Camel puts a second route of an id into the place of the first. */
  private static void refuseSecond(List<Named> all, String what, String instead) {
    Map<String, Named> first = new HashMap<>();
    for (Named one : all) {
      Named other = first.putIfAbsent(one.name(), one);
      if (other != null) {
        throw one.wrong("another %s %s, in %s; %s", what, one.name(), other.place(), instead);
      }
    }
  }

  private static void refuseUnknown(List<Named> named, String what, List<Named> known) {
    Set<String> names = known.stream().map(Named::name).collect(Collectors.toSet());
    for (Named one : named) {
      if (!names.contains(one.name())) {
        throw one.wrong("there is no %s%s%s", what, one.name(), instead(one.name(), names));
      }
    }
  }

  /**
   * Refuses routes that name a file of config that isn't there, and conditions of routing that hold
   * for no event.
   *
   * @param folder what file names in routes are relative to
   * @throws CannotStartException with the place of the first one
   */
  public void checkConfigFiles(Path folder) {
    Set<String> there;
    try {
      there =
          WrittenFiles.below(folder.resolve("config")).stream()
              .map(file -> folder.relativize(file).toString().replace('\\', '/'))
              .collect(Collectors.toSet());
      RoutingConditions.check(written, folder.resolve("config"));
    } catch (IOException e) {
      throw new CannotStartException("no config in " + folder.toAbsolutePath(), e);
    }
    for (Named named : written.configFiles) {
      Pattern name = named(named.name());
      if (there.stream().noneMatch(file -> name.matcher(file).matches())) {
        throw named.wrong(
            "there is no file %s%s",
            named.name(),
            named.name().contains("${")
                ? "; mend the name, or save a file that has one like it"
                : instead(named.name(), sameFolder(named.name(), there)));
      }
    }
    for (Named missing : filesOfTypes(there)) {
      throw missing.wrong(
          "there is no file %s; save it first, or leave this target out", missing.name());
    }
  }

  /** The files that a target needs of a type that is routed to it, and that aren't there. */
  private List<Named> filesOfTypes(Set<String> there) {
    List<Named> missing = new ArrayList<>();
    for (Named type : written.typesRouted) {
      for (Named target : in(type.file(), written.booked)) {
        for (Named delivery : written.delivered) {
          if (!delivery.name().equals(target.name())) {
            continue;
          }
          in(delivery.file(), written.configFiles).stream()
              .filter(file -> file.name().contains(OF_TYPE))
              .map(file -> file.name().replace(OF_TYPE, type.name()))
              .filter(name -> there.stream().noneMatch(named(name).asMatchPredicate()))
              .forEach(name -> missing.add(new Named(name, target.file(), target.mark())));
        }
      }
    }
    return missing;
  }

  /**
   * Refuses a target of a type for which a setting is missing that the target needs.
   *
   * @param setting what it is called, before the type
   * @param types that have it
   * @throws CannotStartException with the place of the first one
   */
  public void checkTypes(String target, String setting, Set<String> types) {
    for (Named type : written.typesRouted) {
      for (Named booking : in(type.file(), written.booked)) {
        if (booking.name().equals(target) && !types.contains(type.name())) {
          throw booking.wrong(
              "there is no %s.%s in config/application.yaml; write it, or leave this target out",
              setting, type.name());
        }
      }
    }
  }

  /**
   * Refuses what routing says of a delivery where nobody knows it.
   *
   * @param parameter such as {@code audience}
   * @param known what it may be
   * @throws CannotStartException with the place of the first that is unknown
   */
  public void checkSaid(String parameter, Collection<String> known) {
    for (Named one : written.said.getOrDefault(parameter, List.of())) {
      if (isPlainName(one.name()) && !known.contains(one.name())) {
        throw one.wrong("there is no %s %s%s", parameter, one.name(), instead(one.name(), known));
      }
    }
  }

  /** What routing says of deliveries by one parameter. */
  public Set<String> said(String parameter) {
    return written.said.getOrDefault(parameter, List.of()).stream()
        .map(Named::name)
        .collect(Collectors.toSet());
  }

  /**
   * Refuses mails that could never be written.
   *
   * @param languages of the audiences, by their names
   * @param letters that there are, as {@code en/order-completed}
   * @throws CannotStartException with the place of the first one
   */
  public void checkMails(Map<String, String> languages, Set<String> letters) {
    for (Mail mail : written.mails) {
      if (mail.template().isEmpty() || mail.audience().isEmpty()) {
        throw mail.booking().wrong("a mail has a template and an audience; write both");
      }
      String language = languages.get(mail.audience().get());
      String letter = language + "/" + mail.template().get();
      if (language != null && !letters.contains(letter)) {
        throw mail.booking()
            .wrong(
                "there is no file config/templates/%s.ftl, and %s reads %s; save it first",
                letter, mail.audience().get(), language);
      }
    }
  }

  private static List<String> sameFolder(String name, Set<String> files) {
    String folder = name.substring(0, name.lastIndexOf('/') + 1);
    return files.stream().filter(file -> file.startsWith(folder)).toList();
  }

  /** Every key that the YAML DSL has anywhere; what fits where, Camel says itself. */
  private static final class Dsl {

    private static final Set<String> WORDS = new HashSet<>();

    static {
      for (JsonNode properties : RouteSchema.ofTheYamlDsl().findValues("properties")) {
        properties.fieldNames().forEachRemaining(WORDS::add);
      }
    }
  }
}
