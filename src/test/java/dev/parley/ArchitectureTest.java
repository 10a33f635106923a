package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The shape of the code: what may know what.
class ArchitectureTest {
  private static final String ROOT = "dev.parley.";
  private static final int LINES_MAX = 450;

  /// Each package and what it may know of the others: always less than itself, so there is no way
  /// round.
  private static final Map<String, Set<String>> MAY_KNOW =
      Map.ofEntries(
          Map.entry("content", Set.of()),
          Map.entry("loop", Set.of()),
          Map.entry("log", Set.of()),
          Map.entry("session", Set.of("content")),
          Map.entry("trace", Set.of("content", "log", "session")),
          Map.entry("store.entity", Set.of()),
          Map.entry("store.json", Set.of("content", "session")),
          Map.entry(
              "store", Set.of("content", "log", "loop", "session", "store.entity", "store.json")),
          Map.entry("store.page", Set.of("content", "loop", "session", "store", "store.json")),
          Map.entry("agent", Set.of("content", "loop", "session")),
          Map.entry("agent.tool.mcp", Set.of("log")),
          Map.entry(
              "agent.tool", Set.of("content", "log", "loop", "session", "agent", "agent.tool.mcp")),
          Map.entry("agent.llm", Set.of("content", "session", "agent")),
          Map.entry(
              "agent.turn",
              Set.of("content", "loop", "session", "agent", "agent.llm", "agent.tool")),
          Map.entry("agent.http", Set.of("agent.llm")),
          Map.entry("cluster", Set.of("log", "loop")),
          Map.entry(
              "actor",
              Set.of("content", "log", "loop", "session", "store", "store.json", "agent", "trace")),
          Map.entry(
              "effect",
              Set.of("content", "log", "loop", "session", "store", "store.json", "trace")),
          Map.entry("effect.watch", Set.of("log", "loop", "session", "store", "store.page")),
          Map.entry("retention", Set.of("log", "loop", "store")),
          Map.entry(
              "effect.discrete",
              Set.of("content", "log", "loop", "session", "store", "store.json")),
          Map.entry("effect.http", Set.of("effect.discrete")),
          Map.entry(
              "wire.call",
              Set.of(
                  "content",
                  "loop",
                  "session",
                  "store",
                  "store.json",
                  "store.page",
                  "actor",
                  "effect",
                  "effect.watch",
                  "wire.auth",
                  "trace")),
          Map.entry("wire", Set.of("log")),
          Map.entry("wire.auth", Set.of("log", "session")),
          Map.entry(
              "wire.connection", Set.of("log", "loop", "session", "wire", "wire.auth", "trace")),
          Map.entry("wire.rpc.codec", Set.of("session", "wire.call")),
          Map.entry(
              "wire.rpc",
              Set.of(
                  "log",
                  "loop",
                  "session",
                  "wire",
                  "wire.auth",
                  "wire.call",
                  "wire.connection",
                  "wire.rpc.codec",
                  "trace")),
          Map.entry(
              "wire.turn",
              Set.of("content", "session", "store", "store.page", "effect", "wire", "wire.auth")),
          Map.entry(
              "wire.thread",
              Set.of(
                  "content",
                  "log",
                  "loop",
                  "session",
                  "store",
                  "store.page",
                  "actor",
                  "wire",
                  "wire.auth",
                  "wire.call",
                  "wire.connection",
                  "wire.turn",
                  "trace")),
          Map.entry(
              "wire.sse",
              Set.of(
                  "content",
                  "session",
                  "store",
                  "store.page",
                  "effect",
                  "wire",
                  "wire.auth",
                  "wire.call",
                  "wire.connection",
                  "trace")),
          Map.entry(
              "wire.ui",
              Set.of(
                  "content",
                  "session",
                  "store",
                  "store.json",
                  "store.page",
                  "actor",
                  "wire",
                  "wire.auth",
                  "wire.call",
                  "wire.connection",
                  "wire.sse",
                  "wire.turn",
                  "trace")),
          Map.entry(
              "wire.rest",
              Set.of(
                  "content",
                  "session",
                  "store",
                  "effect.discrete",
                  "wire",
                  "wire.auth",
                  "wire.call",
                  "wire.connection",
                  "trace")),
          Map.entry("app.embedded", Set.of()),
          Map.entry(
              "app",
              Set.of(
                  "content",
                  "log",
                  "loop",
                  "session",
                  "store",
                  "store.page",
                  "agent",
                  "agent.http",
                  "agent.llm",
                  "agent.tool",
                  "agent.turn",
                  "cluster",
                  "actor",
                  "effect",
                  "effect.watch",
                  "retention",
                  "effect.discrete",
                  "effect.http",
                  "wire",
                  "wire.auth",
                  "wire.call",
                  "wire.connection",
                  "wire.rest",
                  "wire.rpc",
                  "wire.sse",
                  "wire.thread",
                  "wire.turn",
                  "wire.ui",
                  "app.embedded",
                  "trace")));

  /// What runs the same on a virtual clock.
  private static final Set<String> DETERMINISTIC =
      Set.of(
          "content",
          "log",
          "loop",
          "session",
          "trace",
          "store.json",
          "agent",
          "actor",
          "effect",
          "effect.watch",
          "retention",
          "effect.discrete");

  /// What of the store is PostgreSQL; all the rest of it runs on a virtual clock too.
  private static final Set<String> REAL_STORE =
      Set.of(
          "Postgres",
          "page.Postgres",
          "Panache",
          "Database",
          "CommitStatement",
          "DerivedStatement");

  /// What waits or hops on threads of Mutiny's own unless it is given an executor.
  private static final Set<String> MUTINY_TIMERS =
      Set.of("ifNoItem", "delayIt", "withBackOff", "ticks", "delaySubscription", "await");

  private static JavaClasses classes = new ClassFileImporter().importPackages();

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.parley");
  }

  @Test
  void dependenciesGoDownOnly() {
    assertThat(
            violations(d -> {
              String from = packageOf(d.getOriginClass());
              String to = packageOf(d.getTargetClass());
              return d.getTargetClass().getPackageName().startsWith(ROOT)
                  && !from.equals(to)
                  && !MAY_KNOW.getOrDefault(from, Set.of()).contains(to);
            }))
        .isEmpty();
  }

  @Test
  void noWayGoesRound() {
    Set<String> below = new HashSet<>();
    while (MAY_KNOW.entrySet().stream()
        .anyMatch(e -> below.containsAll(e.getValue()) && below.add(e.getKey()))) {}
    assertThat(below).isEqualTo(MAY_KNOW.keySet());
  }

  @Test
  void everyPackageHasItsPlace() {
    assertThat(classes.stream().map(ArchitectureTest::packageOf).distinct())
        .allMatch(MAY_KNOW::containsKey)
        .noneMatch(name -> name.matches("(.*\\.)?(util|common|model|dto|service|impl)(\\..*)?"));
  }

  @Test
  void theCoreKnowsTheJdkAlone() {
    assertThat(
            violations(d ->
                Set.of("content", "session", "loop").contains(packageOf(d.getOriginClass()))
                    && !d.getTargetClass().getBaseComponentType().isPrimitive()
                    && !isOneOf(d, "java.", "org.jspecify.", ROOT)))
        .isEmpty();
  }

  @Test
  void onlyTheStoreTheClusterAndTheCompositionKnowSql() {
    assertThat(
            violations(d ->
                !Set.of("store", "store.entity", "store.page", "cluster", "app", "app.embedded")
                        .contains(packageOf(d.getOriginClass()))
                    && isOneOf(
                        d,
                        "java.sql.",
                        "org.hibernate.",
                        "org.flywaydb.",
                        "jakarta.persistence.",
                        "io.quarkus.hibernate.",
                        "io.vertx.sqlclient.",
                        "io.vertx.pgclient.",
                        "io.vertx.mutiny.sqlclient.",
                        "io.vertx.mutiny.pgclient.")))
        .isEmpty();
  }

  @Test
  void onlyTheCompositionKnowsWhereTracesGo() {
    assertThat(
            violations(d ->
                !packageOf(d.getOriginClass()).equals("app") && isOneOf(d, "io.opentelemetry.")))
        .isEmpty();
  }

  @Test
  void storedJsonIsReadAndWrittenInOnePlace() {
    assertThat(
            violations(d ->
                !Set.of(
                            "store.json",
                            "wire.call",
                            "wire.rpc.codec",
                            "wire.ui",
                            "agent",
                            "agent.llm",
                            "agent.tool.mcp")
                        .contains(packageOf(d.getOriginClass()))
                    && isOneOf(d, "com.fasterxml.jackson.")))
        .isEmpty();
  }

  @Test
  void whatRunsOnAVirtualClockKnowsNoOther() {
    assertThat(violations(d -> isDeterministic(d.getOriginClass()) && isOneOf(d, "io.vertx.")))
        .isEmpty();
    assertThat(
            classes.stream()
                .filter(ArchitectureTest::isDeterministic)
                .flatMap(c -> c.getAccessesFromSelf().stream())
                .filter(ArchitectureTest::readsTheWorld)
                .map(JavaAccess::getDescription))
        .isEmpty();
  }

  @Test
  void noFileKeepsGrowing() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      assertThat(files.filter(f -> f.toString().endsWith(".java")))
          .allSatisfy(f -> assertThat(Files.readAllLines(f)).hasSizeLessThan(LINES_MAX));
    }
  }

  private static boolean isDeterministic(JavaClass type) {
    String inStore = ROOT + "store.";
    return DETERMINISTIC.contains(packageOf(type))
        || (Set.of("store", "store.page").contains(packageOf(type))
            && REAL_STORE.stream().noneMatch(real -> type.getName().startsWith(inStore + real)));
  }

  private static boolean readsTheWorld(JavaAccess<?> access) {
    String owner = access.getTargetOwner().getName();
    String name = access.getTarget().getName();
    boolean clock =
        owner.startsWith("java.time.") && name.equals("now") && !owner.equals("java.time.Duration");
    return clock
        || (owner.equals("java.lang.System")
            && (name.equals("currentTimeMillis") || name.equals("nanoTime")))
        || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
        || owner.equals("io.smallrye.mutiny.infrastructure.Infrastructure")
        || (owner.startsWith("io.smallrye.mutiny.") && MUTINY_TIMERS.contains(name))
        || (owner.equals("java.lang.Thread") && !name.equals("currentThread"))
        || owner.equals("java.util.Timer")
        || owner.equals("java.util.concurrent.Executors")
        || (owner.equals("java.util.concurrent.CompletableFuture") && name.endsWith("Async"))
        || owner.equals("java.util.Random")
        || owner.equals("java.util.concurrent.ThreadLocalRandom");
  }

  private static List<String> violations(Predicate<Dependency> forbidden) {
    List<String> found = new ArrayList<>();
    for (JavaClass type : classes) {
      type.getDirectDependenciesFromSelf().stream()
          .filter(forbidden)
          .map(Dependency::getDescription)
          .forEach(found::add);
    }
    return found;
  }

  private static boolean isOneOf(Dependency dependency, String... prefixes) {
    JavaClass target = dependency.getTargetClass().getBaseComponentType();
    return Stream.of(prefixes).anyMatch(target.getName()::startsWith);
  }

  private static String packageOf(JavaClass type) {
    String name = type.getBaseComponentType().getPackageName();
    return name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
  }
}
