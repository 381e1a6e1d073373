package io.commercewebhooks.config;

import static io.commercewebhooks.config.DeploymentFiles.dockerfile;
import static org.assertj.core.api.Assertions.assertThat;

import io.commercewebhooks.config.DeploymentFiles.Instruction;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** The layers of the packaged service, put together as the image does it. */
class ImageIT {

  private static final Path JAR = Path.of("target/commerce-webhooks.jar");
  private static final Pattern LAYER =
      Pattern.compile("--from=layers /build/layers/([\\w-]+)/ \\./");

  @TempDir private Path folder;

  @BeforeEach
  void copyAsTheImageDoes() throws IOException {
    Files.copy(JAR, folder.resolve(jar()));
  }

  @Test
  void the_image_has_every_layer_of_the_jar_in_their_order() throws Exception {
    List<String> layers = java("-Djarmode=tools", "-jar", jar(), "list-layers").lines().toList();

    assertThat(layers).hasSizeGreaterThan(2);
    assertThat(copied()).hasSize(2).allSatisfy(stage -> assertThat(stage).isEqualTo(layers));
  }

  @Test
  void the_layers_put_together_have_every_library_that_the_service_names() throws Exception {
    java(extraction());
    Path application = Files.createDirectory(folder.resolve("application"));
    for (String layer : copied().get(0)) {
      FileSystemUtils.copyRecursively(folder.resolve("layers").resolve(layer), application);
    }

    try (JarFile jar = new JarFile(application.resolve(JAR.getFileName()).toFile())) {
      String libraries = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      assertThat(List.of(libraries.split(" ")))
          .hasSizeGreaterThan(50)
          .allMatch(library -> Files.isRegularFile(application.resolve(library)));
    }
  }

  /** The layers that each stage of the image takes, in their order. */
  private static List<List<String>> copied() {
    List<List<String>> stages = new ArrayList<>();
    for (Instruction instruction : dockerfile()) {
      if (instruction.name().equals("FROM")) {
        stages.add(new ArrayList<>());
      }
      if (instruction.name().equals("COPY")) {
        LAYER
            .matcher(instruction.words())
            .results()
            .forEach(found -> stages.get(stages.size() - 1).add(found.group(1)));
      }
    }
    return stages.stream().filter(layers -> !layers.isEmpty()).toList();
  }

  /** What the image's build asks of the jar, in a folder that holds nothing else. */
  private static String[] extraction() {
    String command =
        dockerfile().stream()
            .map(Instruction::words)
            .filter(words -> words.contains(" extract "))
            .findFirst()
            .orElseThrow();
    return command.substring("java ".length()).split(" ");
  }

  private static String jar() {
    return JAR.getFileName().toString();
  }

  private String java(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
