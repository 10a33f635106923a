package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// The schemas of `docs/contract`, held against what the code really writes and reads.
///
/// Clients must ignore fields that they do not know, so the schemas leave objects open. Here they
/// are closed: a field that no schema has is a difference.
public final class Contract {
  public static final Path FOLDER = Path.of("docs", "contract");

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String REF = "#/$defs/";
  private static final JsonNode CLOSED = closed(MAPPER.createObjectNode());

  /// Texts that have a form.
  private static final Map<String, String> NAMED =
      Map.of("SessionKey", "u:demo:t", "Time", "2026-01-01T12:00:00Z");

  private static final int SHOWN_MAX = 300;

  private Contract() {}

  public static JsonNode read(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + json, e);
    }
  }

  /// The definitions as they are written.
  public static JsonNode definitions() {
    try {
      return MAPPER.readTree(FOLDER.resolve("parley.schema.json").toFile()).path("$defs");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is wrong with a JSON text as a value of the definition.
  public static List<String> violations(String name, String json) {
    return violations(schema(CLOSED, name), json);
  }

  private static List<String> violations(Schema schema, String json) {
    return schema.validate(read(json)).stream().map(Object::toString).toList();
  }

  /// Asserts that each text is a value of the definition.
  public static void assertFits(String name, Collection<String> samples) {
    Schema schema = schema(CLOSED, name);
    for (String sample : samples) {
      assertThat(violations(schema, sample))
          .as("%s as %s", sample.substring(0, Math.min(sample.length(), SHOWN_MAX)), name)
          .isEmpty();
    }
  }

  /// Asserts that the texts are values of the definition, and that it says nothing that they do not
  /// need: take a property, an alternative or a word of a list away, or let an optional property be
  /// required, and one of them fits no more.
  ///
  /// @param others definitions that are shown elsewhere
  public static void assertIsExactly(String name, Collection<String> samples, String... others) {
    assertFits(name, samples);
    List<String> idle = new ArrayList<>();
    for (String definition : reachable(name, Set.of(others))) {
      for (Change change : changes(definition)) {
        JsonNode less = CLOSED.deepCopy();
        change.how().accept((ObjectNode) less.path("$defs").path(definition));
        Schema schema = schema(less, name);
        if (samples.stream().allMatch(sample -> violations(schema, sample).isEmpty())) {
          idle.add(definition + " " + change.what());
        }
      }
    }
    assertThat(idle).as("what no sample of %s needs", name).isEmpty();
  }

  private record Change(String what, Consumer<ObjectNode> how) {}

  private static List<Change> changes(String definition) {
    List<Change> changes = new ArrayList<>();
    JsonNode node = CLOSED.path("$defs").path(definition);
    Set<String> required = new LinkedHashSet<>();
    node.path("required").forEach(name -> required.add(name.asText()));
    for (String property : (Iterable<String>) node.path("properties")::fieldNames) {
      changes.add(
          new Change(
              "without " + property,
              less -> {
                ((ObjectNode) less.path("properties")).remove(property);
                less.remove("required");
              }));
      if (!required.contains(property)) {
        changes.add(
            new Change(
                "always with " + property, less -> less.withArray("required").add(property)));
      }
    }
    for (String list : List.of("oneOf", "enum")) {
      for (int i = 0; i < node.path(list).size(); i++) {
        int place = i;
        changes.add(
            new Change(
                "without " + node.path(list).get(i),
                less -> ((ArrayNode) less.path(list)).remove(place)));
      }
    }
    return changes;
  }

  /// The definition and those it refers to.
  private static Set<String> reachable(String name, Set<String> others) {
    Set<String> reached = new LinkedHashSet<>();
    List<String> next = new ArrayList<>(List.of(name));
    while (!next.isEmpty()) {
      String definition = next.removeLast();
      if (!others.contains(definition) && reached.add(definition)) {
        CLOSED.path("$defs").path(definition).findValuesAsText("$ref").stream()
            .map(ref -> ref.substring(REF.length()))
            .forEach(next::add);
      }
    }
    return reached;
  }

  /// The definition an alternative of a `oneOf` refers to, for each of them.
  public static List<String> alternatives(String name) {
    JsonNode oneOf = CLOSED.path("$defs").path(name).path("oneOf");
    assertThat(oneOf).as("alternatives of %s", name).isNotEmpty();
    return oneOf.findValuesAsText("$ref").stream().map(r -> r.substring(REF.length())).toList();
  }

  /// The properties of a definition, its own and those of the one it extends.
  public static ObjectNode properties(String name) {
    JsonNode node = CLOSED.path("$defs").path(name);
    return node.has("properties")
        ? (ObjectNode) node.path("properties")
        : properties(node.path("$ref").asText().substring(REF.length()));
  }

  /// The names that a value of the definition must have.
  public static Set<String> required(String name) {
    JsonNode node = CLOSED.path("$defs").path(name);
    Set<String> names = new LinkedHashSet<>();
    node.path("required").forEach(required -> names.add(required.asText()));
    if (node.has("$ref")) {
      names.addAll(required(node.path("$ref").asText().substring(REF.length())));
    }
    return names;
  }

  /// A value of the definition with all of its fields.
  public static ObjectNode sample(String name) {
    return (ObjectNode) sample(MAPPER.createObjectNode().put("$ref", REF + name));
  }

  private static JsonNode sample(JsonNode schema) {
    if (schema.has("$ref") && !schema.has("properties")) {
      String name = schema.path("$ref").asText().substring(REF.length());
      return NAMED.containsKey(name)
          ? MAPPER.getNodeFactory().textNode(NAMED.get(name))
          : sample(CLOSED.path("$defs").path(name));
    }
    if (schema.has("const")) {
      return schema.path("const");
    }
    for (String list : List.of("enum", "oneOf", "anyOf")) {
      if (schema.has(list)) {
        JsonNode first = schema.path(list).get(0);
        return list.equals("enum") ? first : sample(first);
      }
    }
    JsonNode type = schema.path("type");
    return switch (type.isArray() ? type.get(0).asText() : type.asText()) {
      case "integer" -> MAPPER.getNodeFactory().numberNode(1);
      case "boolean" -> MAPPER.getNodeFactory().booleanNode(true);
      case "array" -> MAPPER.createArrayNode().add(sample(schema.path("items")));
      case "object" -> {
        ObjectNode object = MAPPER.createObjectNode();
        schema
            .path("properties")
            .properties()
            .forEach(property -> object.set(property.getKey(), sample(property.getValue())));
        yield object;
      }
      default -> MAPPER.getNodeFactory().textNode("x");
    };
  }

  private static Schema schema(JsonNode document, String name) {
    ObjectNode root = document.deepCopy();
    assertThat(root.path("$defs").has(name)).as("a definition %s", name).isTrue();
    root.put("$ref", REF + name);
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(root);
  }

  /// A document of the definitions, in which no object may have what is not told of it.
  private static JsonNode closed(ObjectNode document) {
    document.set("$defs", definitions());
    document
        .findParents("properties")
        .forEach(node -> {
          if (node.path("type").asText().equals("object")) {
            ((ObjectNode) node).put("additionalProperties", false);
          }
        });
    return document;
  }
}
