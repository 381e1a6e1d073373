package io.commercewebhooks.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
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
}
