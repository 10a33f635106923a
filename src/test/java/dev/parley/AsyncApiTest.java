package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.parley.testing.Contract;
import dev.parley.testing.PublicClients;
import io.quarkus.websockets.next.WebSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/contract/asyncapi.yaml` is an AsyncAPI document, of the sockets that there are.
class AsyncApiTest {
  private static final ObjectMapper YAML = new YAMLMapper();
  private static final Path DOCUMENT = Contract.FOLDER.resolve("asyncapi.yaml");

  private static JsonNode document() throws IOException {
    return YAML.readTree(DOCUMENT.toFile());
  }

  @Test
  void isWhatTheSpecificationCallsOne() throws IOException {
    assumeTrue(
        PublicClients.areRunnable(),
        "asyncapi.yaml is not checked against its specification: this machine has no node or no npm");
    Path specification =
        PublicClients.installed("asyncapi")
            .resolve("node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json");
    var schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(YAML.readTree(specification.toFile()));
    assertThat(schema.validate(document())).isEmpty();
    assertThat(schema.validate(YAML.readTree("asyncapi: 3.0.0"))).isNotEmpty();
  }

  @Test
  void refersToNothingThatIsNotThere() throws IOException {
    JsonNode document = document();
    assertThat(document.findValuesAsText("$ref"))
        .isNotEmpty()
        .allSatisfy(ref -> {
          String[] parts = ref.split("#", 2);
          JsonNode target =
              parts[0].isEmpty()
                  ? document
                  : YAML.readTree(Contract.FOLDER.resolve(parts[0]).toFile());
          assertThat(target.at(JsonPointer.compile(parts[1])).isMissingNode()).as(ref).isFalse();
        });
  }

  @Test
  void namesEverySocketAndNoOther() throws IOException {
    assertThat(document().path("channels").findValuesAsText("address"))
        .containsExactlyInAnyOrderElementsOf(
            new ClassFileImporter()
                .importPackages("dev.parley").stream()
                    .filter(type -> type.isAnnotatedWith(WebSocket.class))
                    .map(type -> type.getAnnotationOfType(WebSocket.class).path())
                    .toList());
  }

  @Test
  void namesEveryMessageAndWhichWayItGoes() throws IOException {
    assertOperation("callRpc", "receive", "RpcClientMessage");
    assertOperation("answerRpc", "send", "RpcServerMessage");
    assertOperation("sayInThread", "receive", "ThreadClientFrame");
    assertOperation("answerInThread", "send", "ThreadServerFrame");
    assertThat(document().path("operations")).hasSize(4);
    JsonNode messages = document().path("components").path("messages");
    assertThat(messages.properties())
        .allSatisfy(message ->
            assertThat(message.getValue().path("payload").path("$ref").asText())
                .isEqualTo("parley.schema.json#/$defs/" + message.getKey()));
  }

  private static void assertOperation(String name, String action, String union) throws IOException {
    JsonNode operation = document().path("operations").path(name);
    assertThat(operation.path("action").asText()).isEqualTo(action);
    String channel = operation.path("channel").path("$ref").asText();
    List<String> expected =
        Contract.alternatives(union).stream().map(m -> channel + "/messages/" + m).toList();
    Stream<String> told =
        operation.path("messages").valueStream().map(message -> message.path("$ref").asText());
    assertThat(told).containsExactlyElementsOf(expected);
    assertThat(document().at(channel.substring(1)).path("messages").fieldNames())
        .toIterable()
        .containsAll(Contract.alternatives(union));
  }
}
