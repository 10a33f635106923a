package dev.parley.store.json;

import dev.parley.content.JsonText;
import dev.parley.session.SessionKey;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Values of record types, made by reflection, so that a type that is added is sampled without
/// anybody thinking of it.
public final class Samples {
  private static final int VARIANTS = 19;

  /// Identifiers have a form; text has none.
  private static final List<String> NAMES = List.of("a", "B-2", "c_3", "d:4", "~");

  private static final List<String> TEXTS =
      List.of(
          "text",
          "",
          "quotes \" and \\ and / and \u2028",
          "a NUL \u0000 and a bell \u0007",
          "line\nbreak\ttab",
          "wörd 😀",
          "long é".repeat(20_000),
          "{\"not\": \"read\"}");

  private static final List<String> JSON =
      List.of(
          "{}",
          "null",
          "{ \"b\" : 1.50, \"a\":[ 1e400, -0 ], \"b\":2 }",
          "12345678901234567890.12345678901234567890",
          "\"text with \\u0000 and \\\"\"",
          "[ ]",
          "true",
          "[\"" + "x".repeat(70_000) + "\", 7]");

  /// What a user's message may have: some part of every type, with all of its fields and with none
  /// that may be left out.
  private static final List<String> PARTS =
      List.of(
          """
          [{"type":"text","text":"a","state":"done"},{"type":"reasoning","text":"b","state":"done"}]
          """,
          """
          [{"type":"file","mediaType":"a/b","url":"u","filename":"f"},{"type":"step-start"},\
          {"type":"source-url","sourceId":"s","url":"u","title":"t"},\
          {"type":"source-document","sourceId":"s","mediaType":"a/b","title":"t","filename":"f"}]
          """,
          """
          [{"type":"dynamic-tool","toolCallId":"c","toolName":"n","state":"s","input":1.50,\
          "inputText":"i","output":[null],"errorText":"e"},\
          {"type":"tool-n","toolCallId":"c","toolName":"n","state":"s","input":{},"inputText":"i",\
          "output":null,"errorText":"e"},{"type":"data-n","id":"i","data":{"a":"\\u2028"}}]
          """,
          """
          [{"type":"text","text":""},{"type":"reasoning","text":""},\
          {"type":"file","mediaType":"","url":""},{"type":"source-url","sourceId":"","url":""},\
          {"type":"source-document","sourceId":"s","mediaType":"a/b","title":""},\
          {"type":"dynamic-tool","toolCallId":"c","toolName":"n","state":"s"},\
          {"type":"tool-n","toolCallId":"c","state":"s"},{"type":"data-n","data":null}]
          """);

  private Samples() {}

  /// The records that a sealed type consists of.
  public static List<Class<?>> leaves(Class<?> sealed) {
    return sealed.isSealed()
        ? Arrays.stream(sealed.getPermittedSubclasses())
            .flatMap(permitted -> leaves(permitted).stream())
            .distinct()
            .toList()
        : List.of(sealed);
  }

  /// Values of every record of the sealed type, several of each: with every constant of every enum,
  /// with and without what may be absent.
  public static <T> Stream<T> of(Class<T> sealed) {
    return leaves(sealed).stream()
        .flatMap(leaf ->
            IntStream.range(0, VARIANTS).mapToObj(variant -> sealed.cast(make(leaf, variant))));
  }

  private static Object make(Class<?> type, int variant) {
    if (type.isSealed()) {
      List<Class<?>> leaves = leaves(type);
      return make(leaves.get(variant % leaves.size()), variant);
    }
    if (type == SessionKey.class) {
      return new SessionKey("user", "agent-" + variant, "thread_1");
    }
    if (type == JsonText.class) {
      return CanonicalJson.of(pick(JSON, variant));
    }
    if (!type.isRecord()) {
      throw new AssertionError("no sample of " + type);
    }
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values =
        IntStream.range(0, components.length)
            .mapToObj(i -> component(components, i, variant))
            .toArray();
    try {
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("cannot make a " + type, e);
    }
  }

  private static @Nullable Object component(RecordComponent[] components, int place, int variant) {
    RecordComponent component = components[place];
    if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)
        && ((variant >> (place % 3)) & 1) == 1) {
      return null;
    }
    Class<?> type = component.getType();
    if (type == String.class) {
      boolean isName = components.length == 1 && component.getName().equals("value");
      return isName ? pick(NAMES, variant) : pick(TEXTS, variant + place);
    }
    if (type == long.class || type == Long.class) {
      return 17L * variant;
    }
    if (type == int.class) {
      return variant;
    }
    if (type == boolean.class) {
      return ((variant + place) & 1) == 1;
    }
    if (type == Instant.class) {
      // One time per value: an event and the message in it have the same.
      return Instant.parse("2030-01-02T03:04:05.067Z").plusMillis(variant);
    }
    if (type.isEnum()) {
      Object[] constants = type.getEnumConstants();
      return constants[variant % constants.length];
    }
    if (type == JsonText.class && component.getName().equals("parts")) {
      return CanonicalJson.of(pick(PARTS, variant));
    }
    if (type == List.class) {
      Type item = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      List<Object> items = new ArrayList<>();
      for (Class<?> leaf : leaves((Class<?>) item)) {
        items.add(make(leaf, variant));
      }
      return variant == 1 ? List.of() : items;
    }
    return make(type, variant);
  }

  private static <T> T pick(List<T> from, int variant) {
    return from.get(Math.floorMod(variant, from.size()));
  }
}
