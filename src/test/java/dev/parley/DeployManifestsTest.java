package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.parley.testing.Manifests;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.Endpoint;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `deploy/kubernetes`: each manifest is one, and what they say of one another is so.
class DeployManifestsTest {
  private static final Path BASE = Manifests.KUBERNETES.resolve("base/kustomization.yaml");
  private static final Path MANY_NODES =
      Manifests.KUBERNETES.resolve("components/many-nodes/kustomization.yaml");

  /// The time that a graceful stop may take, requirement N4.
  private static final long STOP_SECONDS_MAX = 30;

  private final Deployment deployment = Manifests.all(Deployment.class).getFirst();
  private final PodSpec pod = deployment.getSpec().getTemplate().getSpec();
  private final Container container = pod.getContainers().getFirst();
  private final Map<String, String> labels =
      deployment.getSpec().getTemplate().getMetadata().getLabels();

  DeployManifestsTest() throws IOException {}

  @Test
  void refusesAFieldThatKubernetesDoesNotKnow() {
    assertThatThrownBy(
            () -> Manifests.object("{apiVersion: v1, kind: Service, spec: {selektor: {a: b}}}"))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("selektor");
  }

  @Test
  void everyManifestIsNamedByItsKustomization() throws IOException {
    for (Path kustomization : Manifests.kustomizations()) {
      JsonNode parsed = Manifests.documents(kustomization).getFirst();
      Set<Path> named = new HashSet<>(Set.of(kustomization));
      for (JsonNode resource : parsed.path("resources")) {
        named.add(kustomization.resolveSibling(resource.asText()).normalize());
      }
      for (JsonNode component : parsed.path("components")) {
        Path folder = kustomization.resolveSibling(component.asText()).normalize();
        assertThat(folder.resolve("kustomization.yaml")).isRegularFile();
      }
      for (JsonNode patch : parsed.path("patches")) {
        Path file = kustomization.resolveSibling(patch.path("path").asText());
        named.add(file);
        assertThat(Manifests.documents(file).getFirst()).isNotEmpty();
      }
      assertThat(named).allMatch(Files::exists);
      try (Stream<Path> files = Files.list(kustomization.getParent())) {
        assertThat(files.filter(Files::isRegularFile)).allMatch(named::contains);
      }
    }
  }

  @Test
  void everyFolderIsPartOfAnOverlayButWhatWaitsForManyNodes() throws IOException {
    Set<Path> used = new HashSet<>();
    for (Path kustomization : Manifests.kustomizations()) {
      JsonNode parsed = Manifests.documents(kustomization).getFirst();
      for (String field : List.of("resources", "components")) {
        for (JsonNode folder : parsed.path(field)) {
          used.add(kustomization.resolveSibling(folder.asText()).normalize());
        }
      }
    }
    assertThat(Manifests.kustomizations())
        .filteredOn(k -> !k.startsWith(Manifests.KUBERNETES.resolve("overlays")))
        .filteredOn(k -> !used.contains(k.getParent()))
        .containsExactly(MANY_NODES);
    assertThat(Files.readString(MANY_NODES)).startsWith("# NOT YET:");
  }

  @Test
  void thereIsOneReplicaAndTheOldOneGoesFirst() {
    assertThat(deployment.getSpec().getReplicas()).isEqualTo(1);
    assertThat(deployment.getSpec().getStrategy().getType()).isEqualTo("Recreate");
  }

  @Test
  void aStopHasItsTime() {
    long pause = container.getLifecycle().getPreStop().getSleep().getSeconds();
    assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThan(pause + STOP_SECONDS_MAX);
  }

  @Test
  void everySelectorFindsThePods() throws IOException {
    assertThat(deployment.getSpec().getSelector().getMatchLabels()).isEqualTo(labels);
    assertThat(Manifests.all(Service.class))
        .isNotEmpty()
        .allSatisfy(s -> assertThat(s.getSpec().getSelector()).isEqualTo(labels));
    assertThat(Manifests.all(NetworkPolicy.class))
        .isNotEmpty()
        .allSatisfy(
            n -> assertThat(n.getSpec().getPodSelector().getMatchLabels()).isEqualTo(labels));
    assertThat(Manifests.all(PodDisruptionBudget.class))
        .isNotEmpty()
        .allSatisfy(b -> assertThat(b.getSpec().getSelector().getMatchLabels()).isEqualTo(labels));
    assertThat(pod.getTopologySpreadConstraints())
        .isNotEmpty()
        .allSatisfy(c -> assertThat(c.getLabelSelector().getMatchLabels()).isEqualTo(labels));
    Service service = Manifests.all(Service.class).getFirst();
    assertThat(Manifests.all(ServiceMonitor.class))
        .isNotEmpty()
        .allSatisfy(m ->
            assertThat(service.getMetadata().getLabels())
                .containsAllEntriesOf(m.getSpec().getSelector().getMatchLabels()));
  }

  @Test
  void everyPortHasTheNameThatItIsCalledBy() throws IOException {
    Set<String> ports = names(container.getPorts().stream().map(ContainerPort::getName));
    Service service = Manifests.all(Service.class).getFirst();
    assertThat(service.getSpec().getPorts())
        .allSatisfy(p -> assertThat(p.getTargetPort().getStrVal()).isIn(ports));
    Set<String> served = names(service.getSpec().getPorts().stream().map(ServicePort::getName));
    for (Ingress ingress : Manifests.all(Ingress.class)) {
      for (HTTPIngressPath path : paths(ingress)) {
        assertThat(path.getBackend().getService().getName())
            .isEqualTo(service.getMetadata().getName());
        assertThat(path.getBackend().getService().getPort().getName()).isIn(served);
      }
    }
    for (ServiceMonitor monitor : Manifests.all(ServiceMonitor.class)) {
      assertThat(monitor.getSpec().getEndpoints())
          .extracting(Endpoint::getPort)
          .allMatch(served::contains);
      assertThat(monitor.getSpec().getEndpoints())
          .extracting(Endpoint::getPath)
          .containsOnly(property("quarkus.micrometer.export.prometheus.path"));
    }
    for (NetworkPolicy policy : Manifests.all(NetworkPolicy.class)) {
      assertThat(policy.getSpec().getIngress())
          .flatExtracting(rule -> rule.getPorts())
          .allSatisfy(p -> assertThat(p.getPort().getStrVal()).isIn(ports));
    }
    assertThat(container.getPorts().getFirst().getContainerPort())
        .hasToString(settings().get("QUARKUS_HTTP_PORT"));
  }

  @Test
  void clientsReachTheApiAndNothingElse() throws IOException {
    List<String> open = new ArrayList<>();
    for (Ingress ingress : Manifests.all(Ingress.class)) {
      paths(ingress).forEach(p -> open.add(p.getPathType() + " " + p.getPath()));
      assertThat(ingress.getMetadata().getAnnotations())
          .containsKey("nginx.ingress.kubernetes.io/upstream-hash-by")
          .containsEntry("nginx.ingress.kubernetes.io/proxy-read-timeout", "3600")
          .containsEntry("nginx.ingress.kubernetes.io/proxy-send-timeout", "3600");
    }
    assertThat(open)
        .containsExactlyInAnyOrder(
            "Exact /ws", "Prefix /api", "Exact /q/openapi", "Exact /api/chat/ws");
  }

  @Test
  void probesAskWhereTheAnswersAre() throws IOException {
    String health = property("quarkus.smallrye-health.root-path");
    assertProbe(container.getStartupProbe(), health + "/started");
    assertProbe(container.getLivenessProbe(), health + "/live");
    assertProbe(container.getReadinessProbe(), health + "/ready");
  }

  @Test
  void thePodMayDoAsLittleAsItNeeds() throws IOException {
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    assertThat(pod.getEnableServiceLinks()).isFalse();
    PodSecurityContext podContext = pod.getSecurityContext();
    assertThat(podContext.getRunAsNonRoot()).isTrue();
    assertThat(podContext.getRunAsUser()).isPositive();
    assertThat(podContext.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(pod.getContainers()).hasSize(1);
    SecurityContext context = container.getSecurityContext();
    assertThat(context.getAllowPrivilegeEscalation()).isFalse();
    assertThat(context.getReadOnlyRootFilesystem()).isTrue();
    assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(context.getCapabilities().getAdd()).isEmpty();
    assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
    assertThat(container.getResources().getLimits()).containsKey("memory");
    assertThat(Manifests.all(ServiceAccount.class))
        .extracting(a -> a.getMetadata().getName())
        .containsExactly(pod.getServiceAccountName());
  }

  @Test
  void whatIsMountedIsAVolumeAndTheOtherWayRound() {
    assertThat(container.getVolumeMounts())
        .extracting(VolumeMount::getName)
        .containsExactlyInAnyOrderElementsOf(
            pod.getVolumes().stream().map(Volume::getName).toList());
    assertThat(container.getVolumeMounts()).extracting(VolumeMount::getMountPath).contains("/tmp");
  }

  @Test
  void secretsComeByReferenceAndAreDocumented() throws IOException {
    String docs = Files.readString(Path.of("docs", "operations.md"));
    for (EnvVar variable : container.getEnv()) {
      assertThat(variable.getValue()).as(variable.getName()).isNull();
      if (variable.getValueFrom().getSecretKeyRef() != null) {
        assertThat(docs)
            .contains("secret generic " + variable.getValueFrom().getSecretKeyRef().getName())
            .contains("--from-literal=" + variable.getValueFrom().getSecretKeyRef().getKey() + "=");
      }
    }
    assertThat(container.getEnv())
        .extracting(EnvVar::getName)
        .contains(
            "QUARKUS_DATASOURCE_REACTIVE_URL",
            "QUARKUS_DATASOURCE_USERNAME",
            "QUARKUS_DATASOURCE_PASSWORD");
    for (Volume volume : pod.getVolumes()) {
      if (volume.getSecret() != null) {
        assertThat(docs).contains("secret generic " + volume.getSecret().getSecretName());
      }
    }
    // the generated map is the one that is read
    JsonNode generator = Manifests.documents(BASE).getFirst().path("configMapGenerator").path(0);
    assertThat(container.getEnvFrom())
        .extracting(from -> from.getConfigMapRef().getName())
        .containsExactly(generator.path("name").asText());
    assertThat(settings().keySet()).noneMatch(name -> name.matches(".*(PASSWORD|SECRET).*"));
  }

  @Test
  void theAutoscalerScalesTheDeployment() throws IOException {
    assertThat(Manifests.all(HorizontalPodAutoscaler.class))
        .isNotEmpty()
        .allSatisfy(h -> {
          assertThat(h.getSpec().getScaleTargetRef().getKind()).isEqualTo(deployment.getKind());
          assertThat(h.getSpec().getScaleTargetRef().getName())
              .isEqualTo(deployment.getMetadata().getName());
        });
    assertThat(Manifests.objects(MANY_NODES))
        .extracting(HasMetadata::getKind)
        .containsExactlyInAnyOrder("HorizontalPodAutoscaler", "PodDisruptionBudget");
  }

  private void assertProbe(Probe probe, String path) {
    assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
    assertThat(probe.getHttpGet().getPort().getStrVal())
        .isEqualTo(container.getPorts().getFirst().getName());
  }

  private static List<HTTPIngressPath> paths(Ingress ingress) {
    return ingress.getSpec().getRules().stream()
        .flatMap(rule -> rule.getHttp().getPaths().stream())
        .toList();
  }

  private static Set<String> names(Stream<String> names) {
    return new HashSet<>(names.toList());
  }

  private static Map<String, String> settings() throws IOException {
    return Manifests.literals(BASE);
  }

  private static String property(String name) throws IOException {
    return Files.readAllLines(Path.of("src/main/resources/application.properties")).stream()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }
}
