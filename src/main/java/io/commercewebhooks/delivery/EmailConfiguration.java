package io.commercewebhooks.delivery;

import freemarker.core.TemplateClassResolver;
import freemarker.template.TemplateExceptionHandler;
import io.commercewebhooks.startup.ChangedSecrets;
import java.io.File;
import java.io.IOException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the e-mail route refers to by name: its templates and the mail server. */
@Configuration(proxyBeanMethods = false)
public class EmailConfiguration {

  /**
   * The templates of one folder. A name that ends in {@code .ftlh} escapes every value it prints.
   * Templates can't make Java objects, and one that fails ends in an exception instead of a mail
   * with an error in it. Changed files are taken up without a restart.
   *
   * @throws IOException when the folder doesn't exist
   */
  @Bean
  public static freemarker.template.Configuration mailTemplates(
      @Value("${mail.templates}") String folder) throws IOException {
    var templates =
        new freemarker.template.Configuration(freemarker.template.Configuration.VERSION_2_3_34);
    templates.setDirectoryForTemplateLoading(new File(folder));
    templates.setDefaultEncoding("UTF-8");
    templates.setLocalizedLookup(false);
    templates.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    templates.setLogTemplateExceptions(false);
    LetterFormats.addTo(templates);
    return templates;
  }

  /** Connections to the mail server, for all routes that send. */
  @Bean
  PooledMailSender mailServer(MailSettings settings, ChangedSecrets changed) {
    PooledMailSender server = new PooledMailSender(settings);
    changed.watch("mail.password", server::usePassword);
    changed.watch("mail.oauth2.client-secret", server::useClientSecret);
    return server;
  }
}
