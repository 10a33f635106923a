package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.app.ParleyConfig;
import dev.parley.testing.Manifests;
import io.quarkus.datasource.runtime.DataSourcesRuntimeConfig;
import io.quarkus.reactive.datasource.runtime.DataSourcesReactiveRuntimeConfig;
import io.quarkus.vertx.http.runtime.VertxHttpConfig;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `deploy` without the manifests of Kubernetes: images, compose, Prometheus and Grafana name only
/// what there is.
class DeployFilesTest {
  private static final Path COMPOSE = Manifests.DEPLOY.resolve("compose.yaml");
  private static final List<String> IMAGES = List.of("Dockerfile.jvm", "Dockerfile.native");

  /// A variable that is set in any of the files, or in a comment as an example.
  private static final Pattern VARIABLE =
      Pattern.compile("\\b((?:PARLEY|QUARKUS|MP_JWT|SMALLRYE)_[A-Z0-9_]+)\\s*[:=]");

  /// The standard's, of MicroProfile JWT.
  private static final Set<String> TOKENS =
      Set.of("MP_JWT_VERIFY_ISSUER", "MP_JWT_VERIFY_AUDIENCES", "MP_JWT_VERIFY_PUBLICKEY_LOCATION");

  private static final Pattern INSTRUCTION = Pattern.compile("(?m)^([A-Z]+) (.*)$");

  @Test
  void everySettingThatIsNamedExists() throws IOException {
    List<Pattern> known = new ArrayList<>();
    for (Class<?> mapping :
        List.of(
            ParleyConfig.class,
            VertxHttpConfig.class,
            DataSourcesRuntimeConfig.class,
            DataSourcesReactiveRuntimeConfig.class)) {
      ConfigMappings.getProperties(ConfigClass.configClass(mapping))
          .keySet()
          .forEach(name -> known.add(variable(name)));
    }
    Matcher used =
        Pattern.compile("\\$\\{(PARLEY_[A-Z_]+)")
            .matcher(Files.readString(Path.of("src/main/resources/application.properties")));
    while (used.find()) {
      known.add(Pattern.compile(used.group(1)));
    }
    Map<String, Path> named = variables();
    assertThat(named)
        .containsKeys("QUARKUS_DATASOURCE_REACTIVE_URL", "PARLEY_AUTH", "QUARKUS_HTTP_HOST");
    assertThat(named.keySet())
        .filteredOn(name -> !TOKENS.contains(name))
        .filteredOn(name -> known.stream().noneMatch(k -> k.matcher(name).matches()))
        .isEmpty();
  }

  @Test
  void imagesCopyWhatThereIsAndRunAsNobodyInParticular() throws IOException {
    Set<String> sent = sentToTheBuilder();
    for (String image : IMAGES) {
      String text = Files.readString(Manifests.DEPLOY.resolve(image)).replace("\\\n", " ");
      Set<String> stages = new TreeSet<>();
      String user = "root";
      String entry = "";
      Matcher line = INSTRUCTION.matcher(text);
      while (line.find()) {
        List<String> words = List.of(line.group(2).trim().split("\\s+"));
        switch (line.group(1)) {
          case "FROM" -> {
            user = "root";
            entry = "";
            if (words.size() == 3) {
              stages.add(words.get(2));
            }
          }
          case "COPY" -> assertCopy(image, words, stages, sent);
          case "USER" -> user = words.getFirst();
          case "ENTRYPOINT" -> entry = line.group(2);
          default ->
              assertThat(line.group(1)).isIn("WORKDIR", "RUN", "ENV", "EXPOSE", "STOPSIGNAL");
        }
      }
      // a number, so that Kubernetes can tell that it is not root's
      assertThat(user).as(image).matches("[1-9]\\d*:[1-9]\\d*");
      // no shell between the signal and Parley
      assertThat(entry).as(image).startsWith("[\"").endsWith("\"]");
      assertThat(text).as(image).contains("STOPSIGNAL SIGTERM");
    }
  }

  @Test
  void composeMountsAndBuildsWhatThereIs() throws IOException {
    JsonNode compose = Manifests.documents(COMPOSE).getFirst();
    assertThat(names(compose.path("services")))
        .containsExactlyInAnyOrder("postgres", "parley", "balancer", "prometheus", "grafana");
    for (JsonNode service : compose.path("services")) {
      for (JsonNode volume : service.path("volumes")) {
        String source = volume.asText().split(":", 2)[0];
        if (source.startsWith(".")) {
          assertThat(Manifests.DEPLOY.resolve(source)).exists();
        } else {
          assertThat(names(compose.path("volumes"))).contains(source);
        }
      }
      for (JsonNode secret : service.path("secrets")) {
        assertThat(names(compose.path("secrets"))).contains(secret.asText());
      }
      for (JsonNode network : service.path("networks")) {
        assertThat(names(compose.path("networks"))).contains(network.asText());
      }
      assertThat(service.path("healthcheck").path("test").isEmpty()).isFalse();
    }
    JsonNode parley = compose.path("services").path("parley");
    assertThat(parley.path("stop_grace_period").asText()).isEqualTo("40s");
    assertThat(parley.path("read_only").asBoolean()).isTrue();
    assertThat(parley.path("depends_on").path("postgres").path("condition").asText())
        .isEqualTo("service_healthy");
    assertThat(parley.path("env_file").path(0).asText()).isEqualTo("parley.env");
    assertThat(Manifests.DEPLOY.resolve("parley.env.example")).exists();
    for (String image : IMAGES) {
      assertThat("deploy/" + image)
          .startsWith(parley.path("build").path("dockerfile").asText().split("\\$", 2)[0]);
    }
    assertThat(compose.path("networks").path("front").path("ipam").findValuesAsText("subnet"))
        .containsExactly(
            parley.path("environment").path("QUARKUS_HTTP_PROXY_TRUSTED_PROXIES").asText());
  }

  @Test
  void whatIsMountedIsWhereItIsLookedFor() throws IOException {
    JsonNode services = Manifests.documents(COMPOSE).getFirst().path("services");
    String prometheus = services.path("prometheus").path("volumes").toString();
    JsonNode scraping =
        Manifests.documents(Manifests.DEPLOY.resolve("prometheus/prometheus.yml")).getFirst();
    for (JsonNode rules : scraping.path("rule_files")) {
      assertThat(prometheus).contains(":/etc/prometheus/" + rules.asText() + ":ro");
    }
    assertThat(scraping.findValuesAsText("metrics_path")).containsExactly("/q/metrics");
    scraping
        .path("scrape_configs")
        .findValues("targets")
        .forEach(targets ->
            targets.forEach(target ->
                assertThat(target.asText().split(":", 2)[0])
                    .isIn(
                        Stream.concat(names(services).stream(), Stream.of("127.0.0.1")).toList())));
    String grafana = services.path("grafana").path("volumes").toString();
    Path provisioning = Manifests.DEPLOY.resolve("grafana/provisioning");
    JsonNode provider =
        Manifests.documents(provisioning.resolve("dashboards/parley.yaml"))
            .getFirst()
            .path("providers")
            .path(0);
    assertThat(grafana).contains(":" + provider.path("options").path("path").asText() + ":ro");
    JsonNode source =
        Manifests.documents(provisioning.resolve("datasources/prometheus.yaml"))
            .getFirst()
            .path("datasources")
            .path(0);
    assertThat(source.path("url").asText()).isEqualTo("http://prometheus:9090");
  }

  private static void assertCopy(
      String image, List<String> words, Set<String> stages, Set<String> sent) {
    List<String> options = words.stream().filter(word -> word.startsWith("--")).toList();
    List<String> from = options.stream().filter(word -> word.startsWith("--from=")).toList();
    if (from.isEmpty()) {
      List<String> paths = words.subList(options.size(), words.size() - 1);
      assertThat(paths)
          .as(image)
          .isNotEmpty()
          .allSatisfy(path -> {
            assertThat(Path.of(path)).exists();
            assertThat(sent).anyMatch(s -> path.equals(s) || path.startsWith(s + "/"));
          });
    } else {
      assertThat(stages).as(image).contains(from.getFirst().substring("--from=".length()));
    }
  }

  /// What `.dockerignore` leaves.
  private static Set<String> sentToTheBuilder() throws IOException {
    List<String> lines =
        Files.readAllLines(Path.of(".dockerignore")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    assertThat(lines.getFirst()).isEqualTo("*");
    Set<String> sent =
        lines.stream().skip(1).map(line -> line.substring(1)).collect(Collectors.toSet());
    assertThat(sent).allSatisfy(path -> assertThat(Path.of(path)).exists());
    return sent;
  }

  /// The variables of all files, each with one that names it.
  private static Map<String, Path> variables() throws IOException {
    Map<String, Path> variables = new TreeMap<>();
    try (Stream<Path> files = Files.walk(Manifests.DEPLOY)) {
      for (Path file : files.filter(DeployFilesTest::setsVariables).toList()) {
        Matcher variable = VARIABLE.matcher(Files.readString(file));
        while (variable.find()) {
          variables.put(variable.group(1), file);
        }
      }
    }
    for (Path kustomization : Manifests.kustomizations()) {
      Manifests.literals(kustomization)
          .keySet()
          .forEach(name -> variables.put(name, kustomization));
    }
    for (JsonNode environment :
        Manifests.documents(Manifests.KUBERNETES.resolve("base/deployment.yaml"))
            .getFirst()
            .findValues("env")) {
      environment.forEach(
          v -> variables.put(v.path("name").asText(), Manifests.KUBERNETES.resolve("base")));
    }
    return variables;
  }

  private static boolean setsVariables(Path file) {
    String name = file.getFileName().toString();
    return Files.isRegularFile(file)
        && (name.endsWith(".yaml")
            || name.endsWith(".yml")
            || name.endsWith(".cfg")
            || name.endsWith(".env.example")
            || name.startsWith("Dockerfile"));
  }

  /// How a property is written as a variable; a name in it may be any.
  private static Pattern variable(String property) {
    return Pattern.compile(
        Stream.of(property.split("\\*", -1))
            .map(part -> part.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT))
            .collect(Collectors.joining("[A-Z0-9_]+")));
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
