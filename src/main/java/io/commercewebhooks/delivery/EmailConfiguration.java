package io.commercewebhooks.delivery;

import freemarker.core.TemplateClassResolver;
import freemarker.template.TemplateExceptionHandler;
import io.commercewebhooks.ChangedSecrets;
import jakarta.mail.PasswordAuthentication;
import java.io.File;
import java.io.IOException;
import org.apache.camel.component.mail.MailAuthenticator;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the e-mail route refers to by name: its templates and its login at the mail server. */
@Configuration(proxyBeanMethods = false)
class EmailConfiguration {

  /**
   * The templates of one folder. A name that ends in {@code .ftlh} escapes every value it prints.
   * Templates can't make Java objects, and one that fails ends in an exception instead of a mail
   * with an error in it. Changed files are taken up without a restart.
   *
   * @throws IOException when the folder doesn't exist
   */
  @Bean
  freemarker.template.Configuration mailTemplates(@Value("${mail.templates}") String folder)
      throws IOException {
    var templates =
        new freemarker.template.Configuration(freemarker.template.Configuration.VERSION_2_3_34);
    templates.setDirectoryForTemplateLoading(new File(folder));
    templates.setDefaultEncoding("UTF-8");
    templates.setLocalizedLookup(false);
    templates.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    templates.setLogTemplateExceptions(false);
    return templates;
  }

  @Bean
  MailLogin mailLogin(
      @Value("${mail.username}") String username, @Value("${mail.password}") String password) {
    return new MailLogin(username, password);
  }

  @Bean
  SmartInitializingSingleton changedMailPassword(MailLogin login, ChangedSecrets changed) {
    return () -> changed.watch("mail.password", login::use);
  }

  /** The login at the mail server; without a user name there is none. */
  static final class MailLogin extends MailAuthenticator {

    private final String username;
    private volatile String password;

    MailLogin(String username, String password) {
      this.username = username;
      this.password = password;
    }

    void use(String newer) {
      password = newer;
    }

    @Override
    public PasswordAuthentication getPasswordAuthentication() {
      return username.isEmpty()
          ? new PasswordAuthentication(null, null)
          : new PasswordAuthentication(username, password);
    }
  }
}
