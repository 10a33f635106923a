package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Contract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every line of JSON in `docs/protocol.md` is what the contract calls it, and every message that
/// the contract has stands there once. In ids, `…` is whatever one does not want to read.
class ProtocolExamplesTest {
  /// Whose alternatives are told apart by `_tag`.
  private static final List<String> TAGGED =
      List.of("RpcClientMessage", "RpcServerMessage", "SessionEvent", "SessionChange", "RpcError");

  /// Whose alternatives are told apart by `type`.
  private static final List<String> TYPED =
      List.of("ThreadClientFrame", "ThreadServerFrame", "UiMessageStreamPart", "ChatStreamEvent");

  /// Of which every alternative stands in the document.
  private static final List<String> SHOWN =
      List.of(
          "RpcClientMessage",
          "RpcServerMessage",
          "SessionEvent",
          "SessionChange",
          "ThreadClientFrame",
          "ThreadServerFrame");

  private static final String BEGIN = "```json";
  private static final String END = "```";

  /// An event of the UI message stream.
  private static final String PART = "data: {\"type\"";

  @Test
  void everyExampleIsWhatTheContractCallsIt() throws IOException {
    Set<String> shown = new LinkedHashSet<>();
    for (List<String> block : blocks()) {
      String answer = "";
      for (String line : block) {
        JsonNode example = Contract.read(line);
        List<String> names = answer.isEmpty() ? names(example) : List.of(answer);
        List<String> wrong = new ArrayList<>();
        boolean fits = false;
        for (String name : names) {
          List<String> violations = Contract.violations(name, line);
          fits |= violations.isEmpty();
          if (violations.isEmpty()) {
            shown.add(name);
          } else {
            wrong.add(name + ": " + violations);
          }
        }
        assertThat(fits).as("%s%n is none of %s", line, wrong).isTrue();
        answer = names.equals(List.of("Call")) ? success(example) : "";
      }
    }
    assertThat(shown)
        .containsAll(SHOWN.stream().flatMap(name -> Contract.alternatives(name).stream()).toList());
  }

  /// What the example may be, by what it says of itself.
  private static List<String> names(JsonNode example) {
    if (example.has("tag") && !example.has("_tag")) {
      return List.of("Call");
    }
    if (example.has("title") && example.has("status")) {
      return List.of("Problem");
    }
    return example.has("_tag") ? named(TAGGED, "_tag", example) : named(TYPED, "type", example);
  }

  private static List<String> named(List<String> unions, String field, JsonNode example) {
    String name = example.path(field).asText();
    List<String> found =
        unions.stream()
            .flatMap(union -> Contract.alternatives(union).stream())
            .distinct()
            .filter(alternative -> isNamed(Contract.properties(alternative).path(field), name))
            .toList();
    assertThat(found).as("what the contract calls %s", example).isNotEmpty();
    return found;
  }

  private static boolean isNamed(JsonNode form, String name) {
    return form.has("const")
        ? form.path("const").asText().equals(name)
        : name.matches(form.path("pattern").asText() + ".*");
  }

  /// What a call's answer is.
  private static String success(JsonNode call) {
    return Contract.definitions()
        .path("Call")
        .path("oneOf")
        .valueStream()
        .map(told -> told.path("properties"))
        .filter(told -> told.path("tag").path("const").equals(call.path("tag")))
        .map(told -> told.path("success").path("$ref").asText().replace("#/$defs/", ""))
        .findFirst()
        .orElseThrow();
  }

  private static List<List<String>> blocks() throws IOException {
    List<List<String>> blocks = new ArrayList<>();
    boolean inside = false;
    try (Stream<String> lines = Files.lines(Path.of("docs", "protocol.md"))) {
      for (String line : (Iterable<String>) lines::iterator) {
        if (line.equals(BEGIN)) {
          inside = true;
          blocks.add(new ArrayList<>());
        } else if (line.equals(END)) {
          inside = false;
        } else if (inside) {
          blocks.getLast().add(line.replace('…', '0'));
        } else if (line.startsWith(PART)) {
          blocks.add(List.of(line.substring(PART.indexOf('{')).replace('…', '0')));
        }
      }
    }
    assertThat(blocks).isNotEmpty();
    return blocks;
  }
}
