package dev.parley;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.RpcClient.session;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.ClientLog;
import dev.parley.testing.OperatorFiles;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.RpcClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The numbers tell exactly what was done (requirement M2): read before and after a load whose
/// every message is known, of the packaged application.
class MetricsIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int COMPLETED = 7;
  private static final int INTERRUPTED = 3;
  private static final int FAILED = 2;
  private static final int QUEUED = 4;
  private static final int RESUMES = 5;
  private static final int REQUESTS = 6;

  @Test
  void agreeExactlyWithWhatWasSent(@TempDir Path dataDir) throws Exception {
    try (ParleyProcess parley =
        ParleyProcess.start(dataDir, Map.of("PARLEY_SOCKET_FRAMES_BURST_MAX", "1000"))) {
      Map<String, Double> before = scrape(parley);
      Load load = new Load(parley);
      load.run();
      Map<String, Double> wanted = load.wanted();
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            Map<String, Double> after = scrape(parley);
            Map<String, Double> more = new TreeMap<>();
            wanted
                .keySet()
                .forEach(name ->
                    more.put(name, after.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0)));
            assertThat(more).as("of %s", closed(after)).isEqualTo(wanted);
          });
      Map<String, Double> rest = scrape(parley);
      for (String gauge :
          List.of(
              "parley_connections_active{endpoint=\"/ws\"}",
              "parley_connections_active{endpoint=\"/api/rpc\"}",
              "parley_effects_watched_sessions",
              "parley_turns_waiting",
              "parley_effects_rescued_total",
              "parley_watch_rescued_total",
              "parley_outbox_unfinished")) {
        assertThat(rest.get(gauge)).as(gauge).isZero();
      }
      assertThat(rest).containsEntry("parley_database_up", 1.0);
      everyNameIsKnown(rest.keySet());
    }
  }

  /// All ends of connections: one that is counted under another code is told so.
  private static List<String> closed(Map<String, Double> series) {
    return series.entrySet().stream()
        .filter(e -> e.getKey().startsWith("parley_connections_closed_total"))
        .map(Map.Entry::toString)
        .toList();
  }

  /// What operators read and are woken by is there, and what is there is explained to them.
  private static void everyNameIsKnown(Set<String> series) throws IOException {
    Set<String> exported = new TreeSet<>();
    series.forEach(s -> exported.add(s.replaceFirst("\\{.*", "")));
    exported.removeIf(name -> !name.startsWith("parley_"));
    assertThat(exported).as("the scrape").containsAll(OperatorFiles.namesInDashboard());
    assertThat(exported).as("the scrape").containsAll(OperatorFiles.namesInAlerts());
    Set<String> explained = OperatorFiles.namesExplained();
    assertThat(exported)
        .allSatisfy(name ->
            assertThat(explained).as(name).contains(OperatorFiles.withoutSuffix(name, explained)));
  }

  /// A load of which each message is counted as it is sent.
  private static final class Load {
    private final ParleyProcess parley;
    private int sessions;

    Load(ParleyProcess parley) {
      this.parley = parley;
    }

    void run() throws Exception {
      try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
        ClientLog log = follow(client, "main");
        for (int i = 0; i < COMPLETED - QUEUED; i++) {
          String turn = begun(client, log, "/count 20 0");
          log.awaitStop(turn, LIMIT);
        }
        for (int i = 0; i < FAILED; i++) {
          log.awaitStop(begun(client, log, "/fail 3"), LIMIT);
        }
        for (int i = 0; i < INTERRUPTED; i++) {
          String turn = begun(client, log, "/hang 2");
          log.await(() -> log.text(turn).equals("1 2 "), LIMIT, "its words");
          boolean last = i == INTERRUPTED - 1;
          for (int q = 0; last && q < QUEUED; q++) {
            assertThat(call(client, "chat.send", send("/count 5 0")).path("status").asText())
                .isEqualTo("queued");
          }
          var _ = call(client, "chat.interrupt", key());
          log.awaitStop(turn, LIMIT);
        }
        log.await(
            () -> log.count("SessionStopped") == COMPLETED + FAILED + INTERRUPTED,
            LIMIT,
            "all turns");
        resume(client, log);
        watched(client, log);
      }
      requestsOverHttp();
      nonsense();
    }

    /// Each resume is a subscription of its own that goes on from the cursor, and is ended.
    private void resume(RpcClient client, ClientLog log) throws Exception {
      for (int i = 0; i < RESUMES; i++) {
        RpcClient.Stream stream = client.follow(log);
        end(stream);
      }
      ObjectNode another = key().put("afterSeq", 1).put("incarnation", "another");
      List<JsonNode> told = new ArrayList<>();
      CompletableFuture<Void> first = new CompletableFuture<>();
      RpcClient.Stream reset =
          client.stream(
              "chat.subscribe",
              another,
              value -> {
                told.add(value);
                first.complete(null);
              });
      get(first);
      assertThat(told.getFirst().path("reset").asBoolean()).isTrue();
      end(reset);
    }

    private void end(RpcClient.Stream stream) throws Exception {
      stream.interrupt();
      assertThat(stream.end().handle((_, failure) -> failure != null).get(30, TimeUnit.SECONDS))
          .isTrue();
    }

    private void watched(RpcClient client, ClientLog log) throws Exception {
      assertThat(log.events()).isNotEmpty();
      assertThat(call(client, "chat.getState", key()).path("status").asText()).isEqualTo("idle");
    }

    /// Half of them over HTTP/1.1, half over HTTP/2.
    private void requestsOverHttp() throws Exception {
      for (HttpClient.Version version : HttpClient.Version.values()) {
        try (HttpClient http = HttpClient.newBuilder().version(version).build()) {
          for (int i = 0; i < REQUESTS / 2; i++) {
            HttpRequest request =
                HttpRequest.newBuilder(parley.baseUrl().resolve("/api/rpc"))
                    .header("content-type", "application/ndjson")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "{\"_tag\":\"Request\",\"id\":1,\"tag\":\"chat.getState\",\"payload\":"
                                + key()
                                + ",\"headers\":[]}\n"))
                    .build();
            assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .as("over %s", version)
                .contains("Success");
          }
        }
      }
    }

    /// One message that cannot be read, and one more than may be.
    private void nonsense() throws Exception {
      try (RawSocket socket = new RawSocket(parley.wsUrl())) {
        socket.send("nonsense\n");
        assertThat(socket.hear()).contains("Defect");
        String tooLong = "x".repeat(3 * 1024 * 1024);
        socket.send(
            "{\"_tag\":\"Request\",\"id\":1,\"tag\":\"chat.send\",\"payload\":\""
                + tooLong
                + "\"}\n");
        assertThat(socket.hear()).contains("LimitExceeded");
        socket.sayGoodbye();
        assertThat(socket.closeCode()).isEqualTo(1000);
      }
    }

    private ClientLog follow(RpcClient client, String name) throws Exception {
      sessions++;
      client.create("load:demo:t");
      ClientLog log = new ClientLog(name, "load:demo:t");
      var _ = client.follow(log);
      return log;
    }

    private JsonNode call(RpcClient client, String tag, ObjectNode payload) throws Exception {
      return get(client.call(tag, payload));
    }

    private String begun(RpcClient client, ClientLog log, String content) throws Exception {
      assertThat(log.sessionId()).isEqualTo("load:demo:t");
      return call(client, "chat.send", send(content)).path("turnId").asText();
    }

    private static ObjectNode key() {
      return session("load:demo:t");
    }

    private static ObjectNode send(String content) {
      return key().put("content", content);
    }

    /// By how much each number has grown.
    Map<String, Double> wanted() {
      double turns = COMPLETED + INTERRUPTED + FAILED;
      Map<String, Double> wanted = new TreeMap<>();
      wanted.put("parley_connections_opened_total{endpoint=\"/ws\"}", 2.0);
      wanted.put("parley_connections_closed_total{code=\"1000\",endpoint=\"/ws\"}", 2.0);
      wanted.put("parley_connections_duration_seconds_count{endpoint=\"/ws\"}", 2.0);
      wanted.put("parley_connections_opened_total{endpoint=\"/api/rpc\"}", (double) REQUESTS);
      wanted.put(
          "parley_connections_closed_total{code=\"1000\",endpoint=\"/api/rpc\"}",
          (double) REQUESTS);
      wanted.put("parley_wire_frames_received_total{endpoint=\"/api/rpc\"}", (double) REQUESTS);
      wanted.put("parley_wire_garbage_total{endpoint=\"/ws\"}", 1.0);
      wanted.put("parley_wire_refusals_total{limit=\"line\"}", 1.0);
      wanted.put("parley_turns_started_total", turns);
      wanted.put("parley_turns_ended_total{outcome=\"completed\"}", (double) COMPLETED);
      wanted.put("parley_turns_ended_total{outcome=\"interrupted\"}", (double) INTERRUPTED);
      wanted.put("parley_turns_ended_total{outcome=\"error\"}", (double) FAILED);
      wanted.put("parley_turns_duration_seconds_count", turns);
      wanted.put("parley_turns_first_token_seconds_count", turns);
      wanted.put("parley_turns_cancelled_total", (double) INTERRUPTED);
      wanted.put("parley_turns_queued_total", (double) QUEUED);
      wanted.put("parley_turns_resumed_total", 0.0);
      wanted.put("parley_subscriptions_begun_total{start=\"fresh\"}", (double) sessions);
      wanted.put("parley_subscriptions_begun_total{start=\"resumed\"}", (double) RESUMES);
      wanted.put("parley_subscriptions_begun_total{start=\"reset\"}", 1.0);
      wanted.put("parley_subscriptions_begun_total{start=\"overtaken\"}", 0.0);
      wanted.put("parley_ownership_changes_total{change=\"claimed\"}", (double) sessions);
      wanted.put("parley_ownership_changes_total{change=\"reclaimed\"}", 0.0);
      wanted.put("parley_ownership_changes_total{change=\"taken\"}", 0.0);
      return wanted;
    }
  }

  /// Every series and what it tells.
  private static Map<String, Double> scrape(ParleyProcess parley) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(parley.baseUrl() + "/q/metrics")).build();
      Map<String, Double> series = new TreeMap<>();
      http.send(request, HttpResponse.BodyHandlers.ofLines())
          .body()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> {
            int space = line.lastIndexOf(' ');
            series.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
          });
      return series;
    }
  }
}
