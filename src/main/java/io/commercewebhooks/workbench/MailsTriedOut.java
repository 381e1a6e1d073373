package io.commercewebhooks.workbench;

import freemarker.core.Environment;
import freemarker.core.InvalidReferenceException;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateModelException;
import freemarker.template.TemplateNotFoundException;
import java.io.IOException;
import java.io.Writer;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.core.NestedExceptionUtils;

/**
 * Writes mails for nobody, of a letter with nothing in it: what is wrong in them then is wrong
 * whatever an event says.
 */
final class MailsTriedOut {

  /** What the words of each mail set. */
  private static final Set<String> WORDS =
      Set.of("tone", "subject", "headline", "happened", "next");

  /** What a letter, and what routing said, may lack; it is there in others. */
  private static final Pattern MAY_LACK =
      Pattern.compile("(?!words\\.|tones\\[tone]).*\\W.*|body|letter|variables|headers|exchange");

  private final Configuration templates;

  MailsTriedOut(Configuration templates) {
    this.templates = templates;
  }

  /**
   * Writes one part of a mail.
   *
   * @param part such as {@code subject.ftl}
   * @param language folder of the mail's words
   * @param mail whose words
   * @throws BrokenSetException when it can't be written
   */
  void write(String part, String language, String mail) throws IOException, BrokenSetException {
    Map<String, Object> nothing =
        Map.of(
            "body",
            Map.of(),
            "variables",
            Map.of("language", language, "timeZone", "UTC", "template", mail, "audience", ""));
    String words = CandidateSet.TEMPLATES + language + "/" + mail + ".ftl";
    Environment written = null;
    try {
      written =
          templates.getTemplate(part).createProcessingEnvironment(nothing, Writer.nullWriter());
      written.process();
    } catch (TemplateNotFoundException e) {
      throw missing(e);
    } catch (InvalidReferenceException e) {
      refuse(words, e);
    } catch (TemplateException e) {
      if (NestedExceptionUtils.getMostSpecificCause(e) instanceof TemplateNotFoundException none) {
        throw missing(none);
      }
      refuseUnset(words, written, e);
    } catch (StackOverflowError e) {
      throw new BrokenSetException(
          words, "writing this mail goes on without end; let no macro or function call itself", e);
    }
  }

  /** A function that is given nothing doesn't say what was to be given. */
  private static void refuseUnset(String words, Environment written, TemplateException failure)
      throws BrokenSetException {
    Set<String> unset = new TreeSet<>();
    for (String word : WORDS) {
      if (!isSet(written, word)) {
        unset.add(word);
      }
    }
    if (!unset.isEmpty() && unset.size() < WORDS.size()) {
      throw unset(words, String.join(", ", unset), failure);
    }
  }

  private static boolean isSet(Environment written, String word) {
    try {
      return written.getVariable(word) != null;
    } catch (TemplateModelException e) {
      return false;
    }
  }

  private static BrokenSetException unset(String words, String name, Exception failure) {
    return new BrokenSetException(
        words, 1, 1, "it sets no %s; write one into its <#assign>".formatted(name), failure);
  }

  private static BrokenSetException missing(TemplateNotFoundException failure) {
    String file = CandidateSet.TEMPLATES + failure.getTemplateName().replaceFirst("^/", "");
    return new BrokenSetException(
        file, "it is missing, and mails are made of it; put it back", failure);
  }

  private static void refuse(String words, InvalidReferenceException failure)
      throws BrokenSetException {
    String name = String.valueOf(failure.getBlamedExpressionString());
    if (WORDS.contains(name)) {
      throw unset(words, name, failure);
    }
    if (name.equals("tones[tone]")) {
      throw new BrokenSetException(
          words, 1, 1, "there is no such tone; write good, action, bad or news", failure);
    }
    if (!MAY_LACK.matcher(name).matches()) {
      throw new BrokenSetException(
          CandidateSet.TEMPLATES + failure.getTemplateSourceName(),
          failure.getLineNumber(),
          failure.getColumnNumber(),
          "nobody sets %s; write what is set, or set it in an <#assign>".formatted(name),
          failure);
    }
  }
}
