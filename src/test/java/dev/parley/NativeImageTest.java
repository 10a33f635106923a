package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategy;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.langchain4j.mcp.client.McpIcon;
import dev.langchain4j.mcp.protocol.McpCallToolRequest;
import dev.langchain4j.mcp.protocol.McpCancellationNotification;
import dev.langchain4j.mcp.protocol.McpImplementation;
import dev.langchain4j.mcp.protocol.McpInitializeParams;
import dev.langchain4j.mcp.protocol.McpInitializeRequest;
import dev.langchain4j.mcp.protocol.McpListToolsRequest;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What a native image has to be told of LangChain4j, which looks things up while it runs: a
/// version that looks up more fails here, and not in an image.
class NativeImageTest {
  private static final String PARLEY = "dev.parley.agent";
  private static final String LIBRARY = "dev.langchain4j";
  private static final String JACKSON = "com.fasterxml.jackson.";

  /// Where the types are that chats are made of. OpenAI's others are of images and of sound.
  private static final List<String> OF_PROVIDERS =
      List.of(
          "dev.langchain4j.model.anthropic.internal.api",
          "dev.langchain4j.model.openai.internal.chat",
          "dev.langchain4j.model.openai.internal.shared",
          "dev.langchain4j.model.ollama");

  private static final String TO_SERVERS = "dev.langchain4j.mcp.protocol";

  /// What is written to servers of tools, and read as more than a tree. Their types need no
  /// annotations.
  private static final List<Class<?>> OF_SERVERS =
      List.of(
          McpInitializeRequest.class,
          McpInitializeParams.class,
          McpListToolsRequest.class,
          McpCallToolRequest.class,
          McpCancellationNotification.class,
          McpImplementation.class,
          McpIcon.class);

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importPackages(
              PARLEY,
              "dev.langchain4j.http.client",
              "dev.langchain4j.mcp",
              "dev.langchain4j.model.anthropic",
              "dev.langchain4j.model.ollama",
              "dev.langchain4j.model.openai",
              "dev.langchain4j.spi");

  @Test
  void knowsTheTypesOfProviders() throws IOException {
    List<JavaClass> types =
        CLASSES.stream()
            .filter(type -> OF_PROVIDERS.contains(type.getPackageName()))
            .filter(type -> annotations(type).anyMatch(NativeImageTest::isOfJackson))
            .toList();
    for (String where : OF_PROVIDERS) {
      assertThat(types).as(where).anyMatch(type -> type.getPackageName().equals(where));
    }
    assertThat(missing(types)).isEmpty();
  }

  @Test
  void knowsTheTypesOfServers() throws IOException {
    assertThat(missing(OF_SERVERS.stream().map(CLASSES::get).toList())).isEmpty();
  }

  /// So that an image needs no files of services.
  @Test
  void extendsTheLibraryNowhere() {
    ClassLoader loader = NativeImageTest.class.getClassLoader();
    List<String> services =
        CLASSES.stream()
            .filter(type -> type.isInterface() && type.getSimpleName().endsWith("Factory"))
            .map(JavaClass::getName)
            .toList();
    assertThat(services).contains("dev.langchain4j.spi.json.JsonCodecFactory");
    assertThat(services).allMatch(name -> loader.getResource("META-INF/services/" + name) == null);
  }

  /// Looked up, and not registered: of these types, of what they extend and have for fields, and of
  /// what their annotations name.
  private static Set<String> missing(List<JavaClass> types) throws IOException {
    Set<String> found = new TreeSet<>();
    types.forEach(type -> lookUp(type, found));
    assertThat(found).hasSizeGreaterThanOrEqualTo(types.size());
    found.removeAll(registered());
    return found;
  }

  private static void lookUp(JavaClass type, Set<String> found) {
    if (!type.getName().startsWith(LIBRARY) || type.isArray() || !found.add(type.getName())) {
      return;
    }
    type.getRawSuperclass().ifPresent(above -> lookUp(above, found));
    type.getFields().stream()
        .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
        .flatMap(field -> field.getType().getAllInvolvedRawTypes().stream())
        .forEach(part -> lookUp(part, found));
    if (type.getPackageName().equals(TO_SERVERS)) {
      // which parameters a request has is seen in its code alone
      type.getDirectDependenciesFromSelf().stream()
          .map(Dependency::getTargetClass)
          .filter(part -> part.getPackageName().equals(TO_SERVERS))
          .forEach(part -> lookUp(part, found));
    }
    annotations(type)
        .filter(NativeImageTest::isOfJackson)
        .flatMap(annotation -> annotation.getProperties().values().stream())
        .filter(JavaClass.class::isInstance)
        .map(JavaClass.class::cast)
        .forEach(named -> {
          lookUp(named, found);
          if (named.isAssignableTo(PropertyNamingStrategy.class)
              && !named.isEquivalentTo(PropertyNamingStrategy.class)) {
            found.add(named.getName());
          }
        });
  }

  private static Stream<JavaAnnotation<?>> annotations(JavaClass type) {
    Stream<JavaAnnotation<?>> own = type.getAnnotations().stream().map(a -> a);
    Stream<JavaAnnotation<?>> ofFields =
        type.getFields().stream().flatMap(field -> field.getAnnotations().stream());
    Stream<JavaAnnotation<?>> ofCode =
        type.getCodeUnits().stream().flatMap(code -> code.getAnnotations().stream());
    return Stream.of(own, ofFields, ofCode).flatMap(all -> all);
  }

  private static boolean isOfJackson(JavaAnnotation<?> annotation) {
    return annotation.getRawType().getName().startsWith(JACKSON);
  }

  /// By Parley, and by the library itself.
  private static Set<String> registered() throws IOException {
    Set<String> names = new HashSet<>();
    for (JavaClass type : CLASSES) {
      if (type.getName().startsWith(PARLEY) && type.isAnnotatedWith(RegisterForReflection.class)) {
        RegisterForReflection told = type.getAnnotationOfType(RegisterForReflection.class);
        names.addAll(Arrays.asList(told.classNames()));
        Arrays.stream(told.targets()).map(Class::getName).forEach(names::add);
      }
    }
    ClassLoader loader = NativeImageTest.class.getClassLoader();
    for (String provider : List.of("anthropic", "open-ai", "ollama")) {
      String path =
          "META-INF/native-image/dev.langchain4j/langchain4j-" + provider + "/reflect-config.json";
      for (URL url : Collections.list(loader.getResources(path))) {
        try (InputStream file = url.openStream()) {
          for (JsonNode entry : new ObjectMapper().readTree(file)) {
            names.add(entry.path("name").asText());
          }
        }
      }
    }
    return names;
  }
}
