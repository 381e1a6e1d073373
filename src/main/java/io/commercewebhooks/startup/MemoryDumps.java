package io.commercewebhooks.startup;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Keeps the memory, where webhooks are as they came, from being written to a file on an error. */
@Component
class MemoryDumps {

  private static final Logger LOG = LoggerFactory.getLogger(MemoryDumps.class);
  private static final String OPTION = "HeapDumpOnOutOfMemoryError";

  MemoryDumps() {
    HotSpotDiagnosticMXBean machine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (machine != null && Boolean.parseBoolean(machine.getVMOption(OPTION).getValue())) {
      machine.setVMOption(OPTION, "false");
      LOG.warn("-XX:+{} was switched off: a dump would hold card and personal data", OPTION);
    }
  }
}
