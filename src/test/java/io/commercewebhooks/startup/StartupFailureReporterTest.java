package io.commercewebhooks.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What can't be brought about by whoever may read all files; the rest is in StartTest. */
@ExtendWith(OutputCaptureExtension.class)
class StartupFailureReporterTest {

  @Test
  void a_secret_file_that_the_user_of_the_service_may_not_read_is_named(CapturedOutput output) {
    Exception failure =
        new IllegalStateException(
            new UncheckedIOException(new AccessDeniedException("/run/secrets/SMTP_PASSWORD")));

    new StartupFailureReporter(null).reportException(failure);

    assertThat(output)
        .contains("/run/secrets/SMTP_PASSWORD can't be read by the user of the service");
  }

  @Test
  void a_taken_port_is_told_of_in_whatever_language_the_machine_says_so(CapturedOutput output) {
    new StartupFailureReporter(null)
        .reportException(
            new IllegalStateException(
                "Protocol handler start failed", new BindException("Adres zaten kullanımda")));

    assertThat(output)
        .contains("a port of this machine can't be listened on (Adres zaten kullanımda)")
        .contains("SERVER_PORT, MANAGEMENT_SERVER_PORT");
  }
}
