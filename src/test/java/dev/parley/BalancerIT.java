package dev.parley;

import static dev.parley.testing.Answers.get;
import static dev.parley.testing.Numbers.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Balancer;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.Manifests;
import dev.parley.testing.Numbers;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawTcp;
import dev.parley.testing.RpcClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The packaged application behind a HAProxy with `deploy/haproxy.cfg`. Skipped, with a word, where
/// there is no `haproxy`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BalancerIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int SOCKETS_MAX = 3;
  private static final int TOKENS = 600;
  private static final String USER = "balanced";

  private final Path dataDir;
  private final int port = ParleyProcess.freePort();
  private final ParleyProcess parley;
  private Balancer balancer;

  BalancerIT(@TempDir Path dataDir) throws IOException {
    assumeTrue(Balancer.isInstalled(), "there is no haproxy on this machine");
    this.dataDir = dataDir;
    parley =
        ParleyProcess.start(
            dataDir,
            Map.of(
                "PARLEY_SOCKET_CONNECTIONS_PER_ADDRESS_MAX", Integer.toString(SOCKETS_MAX),
                "QUARKUS_HTTP_PROXY_PROXY_ADDRESS_FORWARDING", "true",
                "QUARKUS_HTTP_PROXY_TRUSTED_PROXIES", "127.0.0.1"));
    balancer = Balancer.start(port, parley.baseUrl());
  }

  @BeforeAll
  void hasSessions() {
    try (RpcClient client = RpcClient.connect(balancer.wsUrl())) {
      for (String thread : List.of("cut", "lines", "events")) {
        client.create(session(thread));
      }
    }
  }

  @AfterAll
  void leaveNothingBehind() {
    balancer.close();
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  void aStreamThatIsCutAtTheBalancerGoesOnAtTheExactToken() throws Exception {
    String session = session("cut");
    ClientLog log = new ClientLog("cut", session);
    String turnId;
    try (RpcClient client = RpcClient.connect(balancer.wsUrl())) {
      var _ = client.follow(log);
      turnId = get(client.send(log, "/count " + TOKENS + " 150", "c")).path("turnId").asText();
      log.await(() -> tokens(log.text(turnId)) >= 50, LIMIT, "fifty tokens");
      balancer.kill();
      Awaitility.await().atMost(LIMIT).until(client.closed()::isDone);
    }
    int seen = tokens(log.text(turnId));
    assertThat(seen).isLessThan(TOKENS);

    balancer = Balancer.start(port, parley.baseUrl());
    try (RpcClient client = RpcClient.connect(balancer.wsUrl())) {
      var _ = client.follow(log);
      log.awaitStop(turnId, LIMIT);
    }
    assertThat(log.subscriptions()).hasSize(2);
    assertThat(log.subscriptions().get(1).received().getFirst().path("reset").asBoolean())
        .isFalse();
    assertThat(log.text(turnId)).isEqualTo(Numbers.upTo(TOKENS));
    try (Connection database = ParleyProcess.connectTo(dataDir)) {
      assertThat(Checker.check(database, List.of(log))).isEmpty();
    }
  }

  @Test
  void linesOfAnswersComeWhileTheTurnRuns() throws Exception {
    String request =
        "{\"_tag\":\"Request\",\"id\":1,\"tag\":\"chat.subscribe\",\"payload\":{\"sessionId\":\"%s\"}}\n"
            .formatted(session("lines"));
    comesWhileTheTurnRuns(
        "lines",
        """
        POST /api/rpc HTTP/1.1\r
        Host: parley\r
        Content-Type: application/ndjson\r
        Content-Length: %d\r
        \r
        %s\
        """
            .formatted(request.length(), request));
  }

  @Test
  void eventsComeWhileTheTurnRuns() throws Exception {
    comesWhileTheTurnRuns(
        "events",
        """
        GET /api/sessions/%s/events HTTP/1.1\r
        Host: parley\r
        Accept: text/event-stream\r
        \r
        """
            .formatted(session("events")));
  }

  @Test
  void keepsHealthAndMetricsFromClients() throws Exception {
    for (String path :
        List.of(
            "/q/health/ready",
            "/q/metrics",
            "//q/metrics",
            "/api/../q/metrics",
            "/api/%2e%2e/q/metrics",
            "/api/.%2E/q/metrics",
            "/")) {
      try (RawTcp tcp = new RawTcp(balancer.baseUrl())) {
        tcp.send("GET " + path + " HTTP/1.1\r\nHost: parley\r\nConnection: close\r\n\r\n");
        assertThat(tcp.readUntil("\r\n")).as(path).startsWith("HTTP/1.1 404 ");
      }
    }
    assertThat(parley.status("/q/metrics")).isEqualTo(200);
    assertThat(rest("/api/sessions?userId=" + USER).body()).contains(session("cut"));
    assertThat(rest("/q/openapi").statusCode()).isEqualTo(200);
    assertThat(balancer.output()).contains("GET /api/sessions 200").doesNotContain("userId");
  }

  @Test
  void letsNobodyOutOfItsSightByAnotherProtocol() throws Exception {
    for (String upgrade : List.of("h2c", "websocket, h2c", "websocket")) {
      try (RawTcp tcp = new RawTcp(balancer.baseUrl())) {
        tcp.send(
            """
            GET /api/sessions?userId=%s HTTP/1.1\r
            Host: parley\r
            Connection: Upgrade, HTTP2-Settings, close\r
            Upgrade: %s\r
            HTTP2-Settings: AAMAAABkAAQAAP__\r
            \r
            """
                .formatted(USER, upgrade));
        assertThat(tcp.readUntil("\r\n"))
            .as(upgrade)
            .startsWith("HTTP/1.1 ")
            .doesNotStartWith("HTTP/1.1 101 ");
      }
    }
  }

  @Test
  void countsSocketsByTheirOwnAddressWhateverTheyClaim() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < SOCKETS_MAX; i++) {
        Socket socket = new Socket();
        open.add(socket);
        assertThat(upgrade(socket, "127.0.0.2", "203.0.113." + i)).contains(" 101 ");
      }
      // a socket counts once it is open, and whoever comes at that very moment is closed afterwards
      Awaitility.await()
          .untilAsserted(() -> {
            Socket more = new Socket();
            open.add(more);
            assertThat(upgrade(more, "127.0.0.2", "203.0.113.9")).contains(" 429 ");
          });
      Socket other = new Socket();
      open.add(other);
      assertThat(upgrade(other, "127.0.0.3", "203.0.113.9")).contains(" 101 ");
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void saysWhenToComeAgainWhileParleyIsAway() throws Exception {
    URI nobody = URI.create("http://127.0.0.1:" + ParleyProcess.freePort());
    try (Balancer alone = Balancer.start(ParleyProcess.freePort(), nobody);
        RawTcp tcp = new RawTcp(alone.baseUrl())) {
      tcp.send("GET /api/sessions HTTP/1.1\r\nHost: parley\r\nConnection: close\r\n\r\n");
      assertThat(tcp.readUntil("}"))
          .startsWith("HTTP/1.1 503 ")
          .containsIgnoringCase("retry-after: 2")
          .containsIgnoringCase("content-type: application/problem+json");
    }
  }

  @Test
  void answersWhereTheDeployedAskForItsHealth() throws Exception {
    JsonNode deployment =
        Manifests.documents(Manifests.KUBERNETES.resolve("base/deployment.yaml")).getFirst();
    assertThat(deployment.findValues("httpGet"))
        .hasSize(3)
        .allSatisfy(probe -> assertThat(parley.status(probe.path("path").asText())).isEqualTo(200));
    List<String> command = new ArrayList<>();
    Manifests.documents(Manifests.DEPLOY.resolve("compose.yaml"))
        .getFirst()
        .at("/services/parley/healthcheck/test")
        .forEach(word ->
            command.add(
                word.asText()
                    .replace("$$", "$")
                    .replace("/8080", "/" + parley.baseUrl().getPort())));
    assertThat(command.removeFirst()).isEqualTo("CMD");
    Process check = new ProcessBuilder(command).inheritIO().start();
    assertThat(check.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(check.exitValue()).isZero();
  }

  /// The first token of an answer of many minutes.
  private void comesWhileTheTurnRuns(String thread, String request) throws Exception {
    try (RpcClient client = RpcClient.connect(parley.wsUrl());
        RawTcp tcp = new RawTcp(balancer.baseUrl())) {
      tcp.send(request);
      assertThat(tcp.readUntil("InitialState")).startsWith("HTTP/1.1 200 ");
      ClientLog log = new ClientLog("direct", session(thread));
      var _ = get(client.send(log, "/count 100000 20", thread));
      assertThat(tcp.readUntil("\"delta\":\"3 \"")).contains("\"delta\":\"1 \"");
      JsonNode interrupted = get(client.call("chat.interrupt", RpcClient.session(session(thread))));
      assertThat(interrupted.path("interrupted").asBoolean()).isTrue();
      assertThat(tcp.readUntil("SessionStopped")).contains("SessionStopped");
    }
  }

  private String upgrade(Socket socket, String from, String claimed) throws IOException {
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout((int) LIMIT.toMillis());
    String request =
        """
        GET /ws HTTP/1.1\r
        Host: parley\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: cGFybGV5IHRlc3QgY2xpZW50\r
        X-Forwarded-For: %s\r
        Forwarded: for=%s\r
        \r
        """
            .formatted(claimed, claimed);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 101 ".length());
    return new String(answer, StandardCharsets.UTF_8);
  }

  private HttpResponse<String> rest(String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(balancer.baseUrl().resolve(path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String session(String thread) {
    return USER + ":demo:" + thread;
  }
}
