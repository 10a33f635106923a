package dev.parley.testing;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The files of `deploy`, read as what they are. A field that Kubernetes does not know, and a key
/// that is there twice, is an error.
public final class Manifests {
  public static final Path DEPLOY = Path.of("deploy");
  public static final Path KUBERNETES = DEPLOY.resolve("kubernetes");

  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "v1/Namespace", Namespace.class,
          "v1/Service", Service.class,
          "v1/ServiceAccount", ServiceAccount.class,
          "apps/v1/Deployment", Deployment.class,
          "networking.k8s.io/v1/Ingress", Ingress.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
          "autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class,
          "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class,
          "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class);

  private static final ObjectMapper YAML =
      new YAMLMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .setAnnotationIntrospector(new NothingUnknown());

  /// The model keeps fields that it does not know; here nothing takes them.
  private static final class NothingUnknown extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }

  private Manifests() {}

  /// The documents of a YAML file.
  public static List<JsonNode> documents(Path file) throws IOException {
    try (MappingIterator<JsonNode> documents =
        YAML.readerFor(JsonNode.class).readValues(file.toFile())) {
      return documents.readAll();
    }
  }

  /// One object of Kubernetes.
  ///
  /// @throws IOException when it is of no kind that is known here, or has a field too many
  public static HasMetadata object(JsonNode document) throws IOException {
    String kind = document.path("apiVersion").asText() + "/" + document.path("kind").asText();
    Class<? extends HasMetadata> type = KINDS.get(kind);
    if (type == null) {
      throw new IOException("there is no " + kind + " here");
    }
    return YAML.treeToValue(document, type);
  }

  public static HasMetadata object(String yaml) throws IOException {
    return object(YAML.readTree(yaml));
  }

  /// The folders with a kustomization, which names all other files in them.
  public static List<Path> kustomizations() throws IOException {
    try (Stream<Path> files = Files.walk(KUBERNETES)) {
      return files.filter(f -> f.endsWith("kustomization.yaml")).sorted().toList();
    }
  }

  /// The objects that a kustomization lists as files.
  public static List<HasMetadata> objects(Path kustomization) throws IOException {
    List<HasMetadata> objects = new ArrayList<>();
    for (JsonNode resource : documents(kustomization).getFirst().path("resources")) {
      Path file = kustomization.resolveSibling(resource.asText());
      if (Files.isRegularFile(file)) {
        for (JsonNode document : documents(file)) {
          objects.add(object(document));
        }
      }
    }
    return objects;
  }

  /// The settings that a kustomization gives to its pods.
  public static Map<String, String> literals(Path kustomization) throws IOException {
    Map<String, String> literals = new TreeMap<>();
    for (JsonNode generator : documents(kustomization).getFirst().path("configMapGenerator")) {
      for (JsonNode literal : generator.path("literals")) {
        String[] parts = literal.asText().split("=", 2);
        literals.put(parts[0], parts[1]);
      }
    }
    return literals;
  }

  /// All objects of a type, wherever they are.
  public static <T extends HasMetadata> List<T> all(Class<T> type) throws IOException {
    List<T> found = new ArrayList<>();
    for (Path kustomization : kustomizations()) {
      objects(kustomization).stream().filter(type::isInstance).map(type::cast).forEach(found::add);
    }
    return found;
  }
}
