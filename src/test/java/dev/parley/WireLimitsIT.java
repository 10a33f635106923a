package dev.parley;

import static dev.parley.testing.RpcClient.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.RawTcp;
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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Every limit of the wire, with small numbers, against the packaged application.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WireLimitsIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SESSION = "limits:demo:t";
  private static final int SOCKETS_MAX = 4;
  private static final int MIB = 1024 * 1024;

  private static final String UPGRADE =
      """
      GET /ws HTTP/1.1\r
      Host: parley\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      """;
  private static final String KEY = "Sec-WebSocket-Key: cGFybGV5IHRlc3QgY2xpZW50\r\n";

  private static final String STREAM =
      line(1, "chat.subscribe", "{\"sessionId\":\"" + SESSION + "\"}");

  private final Path dataDir;
  private final ParleyProcess parley;

  WireLimitsIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    parley =
        ParleyProcess.start(
            dataDir,
            Map.ofEntries(
                Map.entry(
                    "PARLEY_SOCKET_CONNECTIONS_PER_ADDRESS_MAX", Integer.toString(SOCKETS_MAX)),
                Map.entry("PARLEY_SOCKET_FRAMES_PER_SECOND_MAX", "5"),
                Map.entry("PARLEY_SOCKET_FRAMES_BURST_MAX", "30"),
                Map.entry("PARLEY_RPC_STREAMS_MAX", "2"),
                Map.entry("PARLEY_RPC_GARBAGE_MAX", "3"),
                Map.entry("PARLEY_RPC_GATHERED_CHARS_MAX", "2000"),
                Map.entry("PARLEY_RPC_PING_INTERVAL", "500ms"),
                Map.entry("PARLEY_RPC_PONG_TIMEOUT", "400ms"),
                Map.entry("PARLEY_RPC_BODY_TIMEOUT", "3s"),
                Map.entry("PARLEY_JSON_DEPTH_MAX", "16"),
                Map.entry("QUARKUS_HTTP_IDLE_TIMEOUT", "2s")));
  }

  @BeforeAll
  void hasASession() throws Exception {
    String payload = "{\"userId\":\"limits\",\"agentId\":\"demo\",\"threadId\":\"t\"}";
    assertThat(post("application/ndjson", line(1, "session.create", payload))).contains("Success");
  }

  @AfterAll
  void leaveNothingBehind() {
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  void refusesTheUpgradeOfAnAddressThatHasTooManySockets() throws Exception {
    List<RawSocket> open = asManyAsMayBe();
    try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
      tcp.send(UPGRADE + KEY + "\r\n");
      String answer = tcp.readUntil("}");
      assertThat(answer)
          .startsWith("HTTP/1.1 429 ")
          .containsIgnoringCase("content-type: application/problem+json")
          .contains("\"_tag\":\"LimitExceededRpcError\",\"limit\":\"connections\"");
    }
    assertThat(parley.vitals().metric("parley_wire_refusals_total{limit=\"connections\"}"))
        .isPositive();
    open.forEach(RawSocket::close);
    awaitRoom();
  }

  @Test
  void hasRoomAgainHoweverASocketEnds() throws Exception {
    RawSocket polite = new RawSocket(parley.wsUrl());
    RawSocket cut = new RawSocket(parley.wsUrl());
    RawTcp reset = upgraded();
    RawTcp silent = upgraded();
    polite.sayGoodbye();
    cut.close();
    reset.reset();
    // which answers no ping
    silent.readUntil("never said");
    awaitRoom();
    polite.close();
    silent.close();
    for (String code : List.of("1000", "1001", "1005")) {
      assertThat(
              parley
                  .vitals()
                  .metric(
                      "parley_connections_closed_total{code=\"" + code + "\",endpoint=\"/ws\"}"))
          .as(code)
          .isPositive();
    }
    assertThat(parley.vitals().metric("parley_connections_active{endpoint=\"/ws\"}")).isZero();
  }

  @Test
  void countsNoUpgradeThatFails() throws Exception {
    for (int i = 0; i < 3 * SOCKETS_MAX; i++) {
      try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
        tcp.send(UPGRADE + (i % 2 == 0 ? "\r\n" : KEY));
        if (i % 2 == 0) {
          assertThat(tcp.readUntil("\r\n")).startsWith("HTTP/1.1 4");
        } else {
          tcp.reset();
        }
      }
    }
    try (RawSocket one = new RawSocket(parley.wsUrl())) {
      awaitSockets(1);
      assertThat(one.isOpen()).isTrue();
    }
  }

  @Test
  void givesUpHalfARequest() throws Exception {
    for (String half :
        List.of(
            "",
            "POST /api/rpc HTTP/1.1\r\nHost: par",
            "POST /api/rpc HTTP/1.1\r\nHost: parley\r\nContent-Length: 100\r\n\r\n{\"_tag\"")) {
      try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
        tcp.send(half);
        assertThat(tcp.readUntil("never said")).as(half).isEmpty();
      }
    }
  }

  @Test
  void givesUpABodyThatDripsIn() throws Exception {
    for (String path : List.of("/api/rpc", "/api/chat", "/api/sessions")) {
      try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
        tcp.send("POST " + path + " HTTP/1.1\r\nHost: parley\r\n");
        tcp.send("Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
        assertThat(tcp.dripUntilClosed(" ", Duration.ofMillis(200)))
            .as(path)
            .startsWith("HTTP/1.1 408 ");
      }
    }
    assertThat(parley.vitals().metric("parley_wire_refusals_total{limit=\"body-time\"}"))
        .isPositive();
  }

  @Test
  void keepsWhatOnlyWaits() throws Exception {
    try (RawSocket socket = new RawSocket(parley.wsUrl());
        RawTcp lines = posted("application/ndjson");
        RawTcp gathered = posted("application/json")) {
      // three times what an idle connection may last
      for (int i = 0; i < 12; i++) {
        assertThat(lines.readUntil("Pong\"}\n")).contains("{\"_tag\":\"Pong\"}");
      }
      assertThat(gathered.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
      for (int i = 0; i < 12; i++) {
        assertThat(gathered.readUntil("1\r\n \r\n")).endsWith("1\r\n \r\n");
      }
      socket.send(ping());
      assertThat(socket.hear()).isEqualTo("{\"_tag\":\"Pong\"}\n");
    }
  }

  @Test
  void refusesRequestsThatComeTooFastAndNoPing() throws Exception {
    try (RawSocket socket = new RawSocket(parley.wsUrl())) {
      socket.send(ping().repeat(100) + line(1, "session.get", "{}"));
      String heard = "";
      while (!heard.contains("\"requestId\":1")) {
        heard += socket.hear();
      }
      assertThat(heard.split("Pong", -1)).hasSize(101);
      assertThat(heard).contains("\"limit\":\"frames\"").contains("\"retryAfterMs\":");
      assertThat(socket.isOpen()).isTrue();
    }
    assertThat(parley.vitals().metric("parley_wire_refusals_total{limit=\"frames\"}")).isPositive();
    assertThat(parley.vitals().metric("parley_wire_frames_received_total{endpoint=\"/ws\"}"))
        .isGreaterThan(100);
  }

  @Test
  void refusesMessagesOfAThreadThatComeTooFastAndNoCancel() throws Exception {
    try (RawSocket socket = new RawSocket(threadUrl())) {
      for (int i = 0; i < 60; i++) {
        socket.send("{\"type\":\"cancel\",\"requestId\":\"unknown\"}");
      }
      socket.send("{\"type\":\"message\",\"requestId\":\"r1\",\"content\":\"x\"}");
      assertThat(socket.hear())
          .contains("\"error\"")
          .contains("\"requestId\":\"r1\"")
          .contains("too many messages a second");
    }
  }

  @Test
  void refusesOneStreamTooManyAndGoesOn() throws Exception {
    try (RawSocket socket = new RawSocket(parley.wsUrl())) {
      for (int id = 1; id <= 2; id++) {
        socket.send(line(id, "chat.subscribe", "{\"sessionId\":\"" + SESSION + "\"}"));
        assertThat(socket.hear()).contains("InitialState");
      }
      socket.send(line(3, "chat.subscribe", "{\"sessionId\":\"" + SESSION + "\"}"));
      assertThat(socket.hear()).contains("\"requestId\":3").contains("\"limit\":\"streams\"");
      socket.send(line(4, "session.get", "{\"sessionId\":\"" + SESSION + "\"}"));
      assertThat(socket.hear()).contains("\"requestId\":4").contains("Success");
    }
  }

  @Test
  void closesWith1008OnAClientThatSpeaksSomethingElse() throws Exception {
    try (RawSocket socket = new RawSocket(parley.wsUrl())) {
      for (int i = 0; i < 3; i++) {
        socket.send("garbage\n");
        assertThat(socket.hear()).contains("\"Defect\"");
      }
      socket.send("garbage\n");
      assertThat(socket.closeCode()).isEqualTo(1008);
    }
    assertThat(parley.vitals().metric("parley_wire_garbage_total{endpoint=\"/ws\"}"))
        .isGreaterThan(3);
  }

  @Test
  void answersALineOfThreeMibByItsNameThoughThatComesLast() throws Exception {
    try (RawSocket socket = new RawSocket(parley.wsUrl())) {
      String content = "{\"payload\":{\"content\":\"" + "x".repeat(3 * MIB);
      socket.send(content);
      socket.send("\"},\"tag\":\"chat.send\",\"id\":7,\"_tag\":\"Request\"}\n" + ping());
      String heard = socket.hear();
      heard += heard.contains("Pong") && heard.contains("Exit") ? "" : socket.hear();
      assertThat(heard)
          .contains("\"requestId\":7")
          .contains("\"limit\":\"line\"")
          .contains("\"Pong\"");
    }
  }

  @Test
  void refusesWhatIsNestedTooDeep() throws Exception {
    String deep = "[".repeat(17) + "]".repeat(17);
    assertThat(post("application/ndjson", line(1, "session.get", deep)))
        .contains("\"requestId\":1")
        .contains("InvalidRequestRpcError")
        .contains("16 levels");
  }

  @Test
  void answersJsonOverHttpInOnePieceAndBoundsIt() throws Exception {
    String get = line(1, "session.get", "{\"sessionId\":\"" + SESSION + "\"}").strip();
    JsonNode answer = MAPPER.readTree(post("application/json", get));
    assertThat(answer.isArray()).isTrue();
    assertThat(answer.path(0).path("exit").path("_tag").asText()).isEqualTo("Success");
    // as a stream that never ends cannot be answered so, it is ended once it no longer fits
    String send =
        line(2, "chat.send", "{\"sessionId\":\"%s\",\"content\":\"/count 500 0\"}")
            .formatted(SESSION)
            .strip();
    answer = MAPPER.readTree(post("application/json", "[" + STREAM.strip() + "," + send + "]"));
    assertThat(answer.toString())
        .contains("\"requestId\":2,\"exit\":{\"_tag\":\"Success\"")
        .contains("InitialState")
        .contains("\"limit\":\"answer\"");
  }

  @Test
  void readsJsonOnASocketWhoseFirstMessageIsJsonOrWhoseUrlSaysSo() throws Exception {
    String ping = ping().strip();
    try (RawSocket socket = new RawSocket(parley.wsUrl())) {
      socket.send(ping);
      assertThat(socket.hear()).isEqualTo("{\"_tag\":\"Pong\"}");
      socket.sendBinary("[" + ping + "," + ping + "]");
      assertThat(socket.hear()).isEqualTo("{\"_tag\":\"Pong\"}");
      assertThat(socket.hear()).isEqualTo("{\"_tag\":\"Pong\"}");
    }
    try (RawSocket socket = new RawSocket(URI.create(parley.wsUrl() + "?serialization=ndjson"))) {
      socket.send(ping);
      socket.send("\r\n" + ping);
      assertThat(socket.hear()).isEqualTo("{\"_tag\":\"Pong\"}\n");
    }
    try (RawSocket socket = new RawSocket(URI.create(parley.wsUrl() + "?serialization=json"))) {
      socket.send(ping + "\n");
      assertThat(socket.hear()).isEqualTo("{\"_tag\":\"Pong\"}");
    }
  }

  @Test
  void holdsNoMoreConnectionsThanItIsToldTo(@TempDir Path otherDir) throws Exception {
    try (ParleyProcess small =
        ParleyProcess.start(otherDir, Map.of("QUARKUS_HTTP_LIMITS_MAX_CONNECTIONS", "3"))) {
      List<RawTcp> open = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        RawTcp tcp = new RawTcp(small.baseUrl());
        tcp.send("GET /q/health/live HTTP/1.1\r\nHost: parley\r\n\r\n");
        assertThat(tcp.readUntil("\r\n")).startsWith("HTTP/1.1 200 ");
        open.add(tcp);
      }
      try (RawTcp fourth = new RawTcp(small.baseUrl())) {
        fourth.send("GET /q/health/live HTTP/1.1\r\nHost: parley\r\n\r\n");
        assertThat(fourth.readUntil("never said")).isEmpty();
      }
      for (RawTcp tcp : open) {
        tcp.close();
      }
    }
  }

  @Test
  void startsWithNoLimitThatCannotBeMeant(@TempDir Path otherDir) throws Exception {
    ParleyProcess refused = ParleyProcess.launch(otherDir, Map.of("PARLEY_RPC_STREAMS_MAX", "256"));
    try {
      assertThat(refused.waitFor(Duration.ofMinutes(1))).isNotZero();
      assertThat(refused.output()).contains("parley.rpc.streams-max");
    } finally {
      refused.kill();
      ParleyProcess.stopDatabase(otherDir);
    }
  }

  /// A socket that was upgraded and says nothing more.
  private RawTcp upgraded() throws IOException {
    RawTcp tcp = new RawTcp(parley.baseUrl());
    tcp.send(UPGRADE + KEY + "\r\n");
    assertThat(tcp.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 101 ");
    return tcp;
  }

  /// A stream over HTTP whose session is idle.
  private RawTcp posted(String contentType) throws IOException {
    RawTcp tcp = new RawTcp(parley.baseUrl());
    tcp.send(
        "POST /api/rpc HTTP/1.1\r\nHost: parley\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(contentType, STREAM.length(), STREAM));
    return tcp;
  }

  /// Until all sockets of other tests are forgotten, and as many as may be can be open.
  private void awaitRoom() {
    awaitSockets(0);
    List<RawSocket> open = asManyAsMayBe();
    assertThatThrownBy(() -> new RawSocket(parley.wsUrl())).hasStackTraceContaining("429");
    open.forEach(RawSocket::close);
    awaitSockets(0);
  }

  private URI threadUrl() {
    return parley.wsUrl("/api/chat/ws?threadId=t&create=1");
  }

  private List<RawSocket> asManyAsMayBe() {
    List<RawSocket> open = new ArrayList<>();
    for (int i = 0; i < SOCKETS_MAX; i++) {
      open.add(new RawSocket(i % 2 == 0 ? parley.wsUrl() : threadUrl()));
    }
    // a client knows of its upgrade before the server has begun
    awaitSockets(SOCKETS_MAX);
    return open;
  }

  private void awaitSockets(int count) {
    Awaitility.await()
        .atMost(LIMIT)
        .until(() ->
            parley.vitals().metric("parley_connections_active{endpoint=\"/ws\"}")
                    + parley.vitals().metric("parley_connections_active{endpoint=\"/api/chat/ws\"}")
                == count);
  }

  private String post(String contentType, String body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(parley.baseUrl().resolve("/api/rpc"))
              .timeout(LIMIT)
              .header("content-type", contentType)
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("content-type")).contains(contentType);
      return response.body();
    }
  }

  private static String ping() {
    return "{\"_tag\":\"Ping\"}\n";
  }
}
