package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.RpcClient;
import dev.parley.testing.TraceCollector;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Traces of the packaged application: one of each message, told to a collector that may be away,
/// and none of anything before somebody asks for them.
class TracesIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SESSION = "traces:demo:t";

  /// Stands in everything that a client may say.
  private static final String MARK = "heard-by-nobody";

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";
  private static final String TRACEPARENT = "00-" + TRACE + "-" + SPAN + "-01";

  /// The parts of a message that found its session idle, in the order in which they begin.
  private static final List<String> PARTS =
      List.of(
          "message",
          "decide",
          "commit",
          "turn",
          "first words",
          "commit first words",
          "deliver first words");

  private static final Set<String> ATTRIBUTES =
      Set.of("connectionId", "requestId", "sessionKey", "turnId", "nodeId", "outcome");

  @Test
  void areOneForEachMessageFromItsArrivalToItsDelivery(@TempDir Path dataDir) throws Exception {
    try (TraceCollector collector = new TraceCollector();
        ParleyProcess parley = ParleyProcess.start(dataDir, on(collector.url()))) {
      String turnId;
      try (RpcClient client = RpcClient.connect(URI.create(parley.wsUrl() + "?ticket=" + MARK))) {
        ClientLog log = created(client);
        turnId = answered(client, log, "say " + MARK);
      }
      assertThat(get(parley, "/api/sessions/" + SESSION + "/messages?last=true&" + MARK))
          .isEqualTo(200);
      await(() -> !turn(collector, turnId).isEmpty());
      List<Span> spans = turn(collector, turnId);
      assertThat(spans).extracting(Span::getName).containsExactlyInAnyOrderElementsOf(PARTS);
      nested(spans);
      inOrder(spans);
      Span message = named(spans, "message");
      assertThat(message.getParentSpanId()).isEqualTo(ByteString.EMPTY);
      assertThat(message.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
      assertThat(attributes(message).keySet()).isEqualTo(ATTRIBUTES);
      assertThat(attributes(message))
          .containsEntry("sessionKey", SESSION)
          .containsEntry("turnId", turnId)
          .containsEntry("nodeId", "traced-node")
          .containsEntry("outcome", "completed");

      overHttpWithinTheTraceOfTheRequest(parley, collector);
      onASocketBesideTheTraceOfTheUpgrade(parley, collector);

      assertThat(parley.stop()).isZero();
      assertThat(collector.spans().stream().map(Span::getTraceId).distinct()).hasSize(3);
      assertThat(collector.spans()).extracting(Span::getName).allMatch(PARTS::contains);
      assertThat(collector.bytes()).contains(turnId).doesNotContain(MARK);
    }
  }

  private static void overHttpWithinTheTraceOfTheRequest(
      ParleyProcess parley, TraceCollector collector) throws Exception {
    String turnId = post(parley);
    await(() -> !turn(collector, turnId).isEmpty());
    Span message = named(turn(collector, turnId), "message");
    assertThat(hex(message.getTraceId())).isEqualTo(TRACE);
    assertThat(hex(message.getParentSpanId())).isEqualTo(SPAN);
    assertThat(message.getLinksList()).isEmpty();
  }

  private static void onASocketBesideTheTraceOfTheUpgrade(
      ParleyProcess parley, TraceCollector collector) throws Exception {
    Map<String, String> headers = Map.of("traceparent", TRACEPARENT, "baggage", "say=" + MARK);
    String turnId;
    try (RawSocket socket = new RawSocket(parley.wsUrl(), headers)) {
      socket.send(
          """
          {"_tag":"Request","id":"1","tag":"chat.send","headers":[],\
          "payload":{"sessionId":"%s","content":"%s"}}
          """
              .formatted(SESSION, MARK));
      turnId = MAPPER.readTree(socket.hear()).findPath("turnId").asText();
    }
    assertThat(turnId).isNotEmpty();
    await(() -> !turn(collector, turnId).isEmpty());
    Span message = named(turn(collector, turnId), "message");
    assertThat(hex(message.getTraceId())).isNotEqualTo(TRACE);
    assertThat(message.getParentSpanId()).isEqualTo(ByteString.EMPTY);
    assertThat(message.getLinksList())
        .singleElement()
        .satisfies(link -> assertThat(hex(link.getSpanId())).isEqualTo(SPAN));
  }

  @Test
  void areNotThereUntilSomebodyWantsThem(@TempDir Path dataDir) throws Exception {
    try (TraceCollector collector = new TraceCollector()) {
      Map<String, String> settings = new HashMap<>(on(collector.url()));
      settings.remove("QUARKUS_OTEL_SDK_DISABLED");
      try (ParleyProcess parley = ParleyProcess.start(dataDir, settings)) {
        try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
          ClientLog log = created(client);
          String _ = answered(client, log, "say " + MARK);
        }
        assertThat(threads(parley)).isNotEmpty().noneMatch(TracesIT::isOfTraces);
        // whatever waits to be sent is sent by then
        assertThat(parley.stop()).isZero();
      }
      assertThat(collector.requests()).isZero();
    }
  }

  @Test
  void holdNothingUpWhileTheirCollectorHangs(@TempDir Path dataDir) throws Exception {
    try (TraceCollector collector = new TraceCollector()) {
      collector.hang();
      turnsAndStops(dataDir, on(collector.url()), () -> collector.requests() > 0);
    }
  }

  @Test
  void holdNothingUpWhileTheirCollectorIsAway(@TempDir Path dataDir) throws Exception {
    URI nobody = URI.create("http://127.0.0.1:" + ParleyProcess.freePort());
    turnsAndStops(dataDir, on(nobody), () -> true);
  }

  /// Many more messages than the queue has room for, and a stop with spans that nobody takes.
  private static void turnsAndStops(
      Path dataDir, Map<String, String> settings, Callable<Boolean> tried) throws Exception {
    Map<String, String> small = new HashMap<>(settings);
    small.put("QUARKUS_OTEL_BSP_MAX_QUEUE_SIZE", "16");
    small.put("QUARKUS_OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8");
    try (ParleyProcess parley = ParleyProcess.start(dataDir, small)) {
      try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
        ClientLog log = created(client);
        for (int i = 0; i < 10; i++) {
          String _ = answered(client, log, "/count 5 0");
        }
        await(tried);
        String _ = answered(client, log, "/count 5 0");
      }
      assertThat(threads(parley)).anyMatch(TracesIT::isOfTraces);
      assertThat(parley.stop()).isZero();
      assertThat(parley.output()).contains("parley stopped in ");
      assertThat(parley.output().lines())
          .as(
              "but what Quarkus's exporter says when it tries once more after everything has stopped")
          .filteredOn(line -> !line.contains("[Error Occurred After Shutdown]"))
          .noneMatch(line -> line.contains(" ERROR "));
    }
  }

  private static Map<String, String> on(URI collector) {
    return Map.of(
        "QUARKUS_OTEL_SDK_DISABLED", "false",
        "QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", collector.toString(),
        "QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "100ms",
        "PARLEY_SESSION_IDLE_TIMEOUT", "1s",
        "PARLEY_NODE_ID", "traced-node");
  }

  private static ClientLog created(RpcClient client) throws Exception {
    ClientLog log = new ClientLog("one", SESSION);
    var _ =
        get(
            client.call(
                "session.create",
                RpcClient.object()
                    .put("userId", "traces")
                    .put("agentId", "demo")
                    .put("threadId", "t")
                    .put("title", "title " + MARK)));
    var _ = client.follow(log);
    return log;
  }

  /// @return the turn, which is over
  private static String answered(RpcClient client, ClientLog log, String content) throws Exception {
    String turnId =
        get(client.send(log, content, MARK + log.events().size())).path("turnId").asText();
    log.await(
        () ->
            log.events().stream()
                .anyMatch(e ->
                    e.path("_tag").asText().equals("SessionStopped")
                        && e.path("turnId").asText().equals(turnId)),
        LIMIT,
        "the end of a turn");
    return turnId;
  }

  private static String post(ParleyProcess parley) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  parley.baseUrl().resolve("/api/sessions/" + SESSION + "/messages?" + MARK))
              .header("content-type", "application/json")
              .header("traceparent", TRACEPARENT)
              .header("tracestate", "vendor=" + MARK)
              .POST(HttpRequest.BodyPublishers.ofString("{\"content\":\"" + MARK + "\"}"))
              .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(202);
      return MAPPER.readTree(answer.body()).findPath("turnId").asText();
    }
  }

  private static int get(ParleyProcess parley, String path) throws Exception {
    return parley.status(path);
  }

  /// The names of the process's threads.
  private static List<String> threads(ParleyProcess parley) throws Exception {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(parley.pid()),
                "Thread.print")
            .redirectErrorStream(true)
            .start();
    try (var lines = jcmd.inputReader().lines()) {
      return lines.filter(line -> line.startsWith("\"")).toList();
    }
  }

  private static boolean isOfTraces(String thread) {
    return thread.contains("BatchSpanProcessor");
  }

  /// The spans of the trace in which this turn is.
  private static List<Span> turn(TraceCollector collector, String turnId) {
    List<Span> all = collector.spans();
    return all.stream()
        .filter(span -> turnId.equals(attributes(span).get("turnId")))
        .findFirst()
        .map(message ->
            all.stream().filter(s -> s.getTraceId().equals(message.getTraceId())).toList())
        .orElse(List.of());
  }

  private static void nested(List<Span> spans) {
    for (Span span : spans) {
      Predicate<String> isOfTurn = name -> name.endsWith("first words");
      if (!span.getName().equals("message")) {
        Span parent = named(spans, isOfTurn.test(span.getName()) ? "turn" : "message");
        assertThat(span.getParentSpanId()).as(span.getName()).isEqualTo(parent.getSpanId());
      }
    }
  }

  /// Each part begins where the one before it has ended; the message lasts as long as all of them.
  private static void inOrder(List<Span> spans) {
    List<String> one = List.of("decide", "commit", "first words", "commit first words");
    for (int i = 1; i < one.size(); i++) {
      assertThat(named(spans, one.get(i)).getStartTimeUnixNano())
          .as(one.get(i))
          .isGreaterThanOrEqualTo(named(spans, one.get(i - 1)).getEndTimeUnixNano());
    }
    Span delivery = named(spans, "deliver first words");
    assertThat(delivery.getStartTimeUnixNano())
        .isEqualTo(named(spans, "commit first words").getEndTimeUnixNano());
    Span message = named(spans, "message");
    assertThat(spans)
        .allSatisfy(span -> {
          assertThat(span.getStartTimeUnixNano())
              .isGreaterThanOrEqualTo(message.getStartTimeUnixNano());
          assertThat(span.getEndTimeUnixNano()).isGreaterThanOrEqualTo(span.getStartTimeUnixNano());
          assertThat(span.getEndTimeUnixNano()).isLessThanOrEqualTo(message.getEndTimeUnixNano());
        });
  }

  private static Span named(List<Span> spans, String name) {
    return spans.stream().filter(s -> s.getName().equals(name)).findFirst().orElseThrow();
  }

  private static Map<String, String> attributes(Span span) {
    return span.getAttributesList().stream()
        .collect(Collectors.toMap(KeyValue::getKey, a -> a.getValue().getStringValue()));
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(LIMIT).until(condition);
  }

  private static <T> T get(CompletableFuture<T> answer) throws Exception {
    return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }
}
