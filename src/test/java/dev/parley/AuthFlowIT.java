package dev.parley;

import static dev.parley.testing.RpcClient.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.TestTokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Tickets, tokens of browsers, the end of tokens and the limits of users, against the packaged
/// application.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthFlowIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TestTokens TOKENS = new TestTokens();
  private static final Duration SHORT = Duration.ofSeconds(4);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int SOCKETS_MAX = 4;
  private static final String LISTED = "https://chat.example";
  private static final String MESSAGE =
      "{\"id\":\"m\",\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":\"x\"}]}";

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path dataDir;
  private final ParleyProcess parley;

  AuthFlowIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    Map<String, String> settings = new HashMap<>(TOKENS.settings());
    settings.put("QUARKUS_HTTP_ACCESS_LOG_ENABLED", "true");
    settings.put("QUARKUS_HTTP_CORS_ENABLED", "true");
    settings.put("QUARKUS_HTTP_CORS_ORIGINS", LISTED);
    settings.put("PARLEY_AUTH_TICKETS_PER_USER_MAX", "2");
    settings.put("PARLEY_USER_CONNECTIONS_MAX", Integer.toString(SOCKETS_MAX));
    settings.put("PARLEY_USER_SENDS_PER_MINUTE", "3");
    settings.put("PARLEY_USER_SESSIONS_MAX", "2");
    parley = ParleyProcess.start(dataDir, settings);
  }

  @AfterAll
  void leaveNothingBehind() {
    http.shutdownNow();
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  void letsABrowserInByASubprotocolAndAnswersWithItsOwn() throws Exception {
    String token = TOKENS.of("sub");
    String offered = escaped("quarkus-http-upgrade#Authorization#Bearer " + token);
    try (RawSocket socket = new RawSocket(parley.wsUrl("/ws"), Map.of(), "parley.v1", offered)) {
      assertThat(socket.subprotocol()).isEqualTo("parley.v1");
      socket.send(line(1, "session.list", "{\"userId\":\"sub\"}"));
      assertThat(socket.hear()).contains("Success");
    }
    String forged = escaped("quarkus-http-upgrade#Authorization#Bearer " + TOKENS.forged("sub"));
    assertThatThrownBy(() -> new RawSocket(parley.wsUrl("/ws"), Map.of(), "parley.v1", forged))
        .hasStackTraceContaining("401");
    assertThat(parley.output()).doesNotContain(token);
  }

  @Test
  void aTicketIsGoodOnceOnEverySocketAndStream() throws Exception {
    create("tick", "t");
    for (String address : List.of("/ws?ticket=", "/api/chat/ws?threadId=t&ticket=")) {
      String ticket = ticket("tick");
      try (RawSocket socket = new RawSocket(parley.wsUrl(address + ticket))) {
        assertThat(socket.isOpen()).isTrue();
      }
      assertThatThrownBy(() -> new RawSocket(parley.wsUrl(address + ticket)))
          .hasStackTraceContaining("401");
      assertThat(parley.output()).doesNotContain(ticket);
    }
    String ticket = ticket("tick");
    HttpResponse<Stream<String>> events = events("tick:demo:t", "ticket=" + ticket, null);
    try (Stream<String> lines = events.body()) {
      assertThat(lines.anyMatch(line -> line.contains("InitialState"))).isTrue();
    }
    assertThat(get("/api/sessions/tick:demo:t/events?ticket=" + ticket, null).statusCode())
        .isEqualTo(401);
    assertThat(parley.output()).contains("/api/sessions/tick:demo:t/events").doesNotContain(ticket);
    assertThat(get("/api/sessions/tick:demo:t?ticket=" + ticket("tick"), null).statusCode())
        .as("where headers can be sent, they are")
        .isEqualTo(401);
  }

  @Test
  void aTicketStandsForItsUserAndNoOther() throws Exception {
    String ticket = ticket("eve");
    assertThatThrownBy(
            () -> new RawSocket(parley.wsUrl("/api/chat/ws?threadId=tick:demo:t&ticket=" + ticket)))
        .hasStackTraceContaining("403");
  }

  @Test
  void issuesNoMoreTicketsThanAUserMayHave() throws Exception {
    String token = TOKENS.of("greedy");
    assertThat(post("/api/tickets", "", token).statusCode()).isEqualTo(201);
    assertThat(post("/api/tickets", "", token).headers().firstValue("cache-control"))
        .hasValue("no-store");
    HttpResponse<String> third = post("/api/tickets", "", token);
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.body()).contains("\"limit\":\"userTickets\"");
  }

  @Test
  void closesASocketAtTheEndOfItsToken() throws Exception {
    create("short", "t");
    String token = TOKENS.of("short", SHORT);
    try (RawSocket rpc = new RawSocket(parley.wsUrl("/ws"), bearer(token));
        RawSocket thread = new RawSocket(parley.wsUrl("/api/chat/ws?threadId=t"), bearer(token))) {
      rpc.send(line(1, "chat.subscribe", "{\"sessionId\":\"short:demo:t\"}"));
      assertThat(rpc.hear()).contains("InitialState");
      assertThat(rpc.closeCode()).isEqualTo(1008);
      assertThat(rpc.closeReason()).isEqualTo("token expired");
      assertThat(thread.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  void endsAStreamAtTheEndOfItsToken() throws Exception {
    create("stream", "t");
    String token = TOKENS.of("stream", SHORT);
    HttpResponse<Stream<String>> events = events("stream:demo:t", "", token);
    String subscribe = line(1, "chat.subscribe", "{\"sessionId\":\"stream:demo:t\"}");
    assertThat(post("/api/rpc", subscribe, token).body())
        .contains("InitialState")
        .contains("NotAllowedRpcError")
        .contains("The token has expired.");
    try (Stream<String> lines = events.body()) {
      assertThat(lines.toList())
          .contains("event: failure")
          .anyMatch(line -> line.contains("NotAllowedRpcError"));
    }
  }

  @Test
  void keepsASocketWhoseTokenIsRenewed() throws Exception {
    String token = TOKENS.of("renew", SHORT);
    try (RawSocket renewed = new RawSocket(parley.wsUrl("/ws"), bearer(token));
        RawSocket other = new RawSocket(parley.wsUrl("/ws"), bearer(token))) {
      assertThat(renew(renewed, 1, TOKENS.of("someone"))).contains("NotAllowedRpcError");
      assertThat(renew(renewed, 2, TOKENS.forged("renew"))).contains("NotAllowedRpcError");
      assertThat(renew(renewed, 3, TOKENS.of("renew"))).contains("Success").contains("expiresAt");
      assertThat(other.closeCode()).isEqualTo(1008);
      renewed.send(line(4, "session.list", "{\"userId\":\"renew\"}"));
      assertThat(renewed.hear()).contains("\"requestId\":4").contains("Success");
    }
  }

  @Test
  void whatWasSentBeforeTheEndOfATokenIsDone() throws Exception {
    create("flight", "t");
    String token = TOKENS.of("flight", SHORT);
    try (RawSocket socket = new RawSocket(parley.wsUrl("/ws"), bearer(token))) {
      socket.send(
          line(1, "chat.send", "{\"sessionId\":\"flight:demo:t\",\"content\":\"/count 300\"}"));
      assertThat(socket.hear()).contains("started");
      assertThat(socket.closeCode()).isEqualTo(1008);
    }
    Awaitility.await()
        .atMost(LIMIT)
        .until(() ->
            get("/api/sessions/flight:demo:t/messages", TOKENS.of("flight"))
                .body()
                .contains("299 300 "));
  }

  @Test
  void tellsAPageWhyItWasRefused() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(parley.baseUrl().resolve("/api/sessions/a:demo:t"))
            .header("Origin", LISTED)
            .build();
    HttpResponse<String> refused = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("access-control-allow-origin")).hasValue(LISTED);
    assertThat(parley.vitals().metric("parley_auth_refusals_total{reason=\"no-token\"}"))
        .isPositive();
  }

  @Test
  void showsWhatIsNobodysToEverybody() throws Exception {
    for (String path : List.of("/q/health/ready", "/q/metrics", "/q/openapi")) {
      assertThat(get(path, null).statusCode()).as(path).isEqualTo(200);
    }
    for (String path : List.of("/api", "/api/none", "//api/effects", "/%61pi/effects", "/API/x")) {
      assertThat(get(path, null).statusCode()).as(path).isIn(401, 404);
    }
  }

  @Test
  void refusesOneSocketTooMany() throws Exception {
    List<RawSocket> open = new ArrayList<>();
    String token = TOKENS.of("social");
    for (int i = 0; i < SOCKETS_MAX; i++) {
      RawSocket socket = new RawSocket(parley.wsUrl("/ws"), bearer(token));
      // a client knows of its upgrade before the server has begun
      socket.send(line(1, "session.list", "{\"userId\":\"social\"}"));
      assertThat(socket.hear()).contains("Success");
      open.add(socket);
    }
    assertThatThrownBy(() -> new RawSocket(parley.wsUrl("/ws"), bearer(token)))
        .hasStackTraceContaining("429");
    new RawSocket(parley.wsUrl("/ws"), bearer(TOKENS.of("another"))).close();
    open.forEach(RawSocket::close);
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> new RawSocket(parley.wsUrl("/ws"), bearer(token)).close());
    assertThat(parley.vitals().metric("parley_wire_refusals_total{limit=\"userConnections\"}"))
        .isPositive();
  }

  @Test
  void refusesOneSendTooManyOverWhatever() throws Exception {
    create("chatty", "t");
    String token = TOKENS.of("chatty");
    String path = "/api/sessions/chatty:demo:t/messages";
    for (int i = 0; i < 3; i++) {
      assertThat(post(path, "{\"content\":\"/count 1\"}", token).statusCode()).isEqualTo(202);
    }
    HttpResponse<String> refused = post(path, "{\"content\":\"x\"}", token);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).contains("\"limit\":\"userSends\"");
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    String send = "{\"sessionId\":\"chatty:demo:t\",\"content\":\"x\"}";
    assertThat(post("/api/rpc", line(1, "chat.send", send), token).body())
        .contains("\"limit\":\"userSends\"");
    assertThat(post("/api/chat", "{\"id\":\"t\",\"message\":" + MESSAGE + "}", token).statusCode())
        .isEqualTo(429);
    try (RawSocket thread = new RawSocket(parley.wsUrl("/api/chat/ws?threadId=t"), bearer(token))) {
      thread.send("{\"type\":\"message\",\"requestId\":\"r\",\"content\":\"x\"}");
      assertThat(thread.hear()).contains("LIMIT_EXCEEDED");
    }
  }

  @Test
  void refusesOneSessionTooMany() throws Exception {
    create("many", "t1");
    create("many", "t2");
    HttpResponse<String> third = createdAs("many", "t3");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.body()).contains("\"limit\":\"userSessions\"");
    assertThat(createdAs("many", "t1").statusCode()).isEqualTo(409);
  }

  @Test
  void mapsAUserWhoseNameIsNoPartOfAKey() throws Exception {
    HttpResponse<String> answer =
        post("/api/chat/ws-less/stop", "{}", TOKENS.of("ann@example.com"));
    assertThat(answer.body()).contains(":demo:ws-less").contains("u_").doesNotContain("ann@");
  }

  @Test
  void fetchesKeysFromWhereTheIssuerPublishesThem(@TempDir Path otherDir) throws Exception {
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.createContext(
        "/keys",
        exchange -> {
          byte[] keys = TOKENS.keySet().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    Map<String, String> settings = new HashMap<>(TOKENS.settings());
    settings.remove("MP_JWT_VERIFY_PUBLICKEY");
    settings.put(
        "MP_JWT_VERIFY_PUBLICKEY_LOCATION",
        "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys");
    try (ParleyProcess other = ParleyProcess.start(otherDir, settings)) {
      URI sessions = other.baseUrl().resolve("/api/sessions");
      String body = body("ann", "t");
      assertThat(post(sessions, body, TOKENS.of("ann")).statusCode())
          .as("the issuer is away")
          .isEqualTo(503);
      issuer.start();
      assertThat(post(sessions, body, TOKENS.of("ann")).statusCode()).isEqualTo(201);
      assertThat(post(sessions, body, TOKENS.forged("ann")).statusCode()).isEqualTo(401);
      try (RawSocket socket = new RawSocket(other.wsUrl(), bearer(TOKENS.of("ann")))) {
        socket.send(line(1, "session.get", "{\"sessionId\":\"ann:demo:t\"}"));
        assertThat(socket.hear()).contains("Success");
      }
    } finally {
      issuer.stop(0);
      ParleyProcess.stopDatabase(otherDir);
    }
  }

  @Test
  void startsOnlyWhenItKnowsWhomToLetIn(@TempDir Path otherDir) throws Exception {
    for (Map<String, String> settings :
        List.of(
            Map.of("PARLEY_AUTH", "jwt"),
            Map.of("QUARKUS_HTTP_HOST", "0.0.0.0"),
            Map.of("QUARKUS_HTTP_HOST", "::"))) {
      ParleyProcess refused = ParleyProcess.launch(otherDir, settings);
      try {
        assertThat(refused.waitFor(Duration.ofMinutes(1))).isNotZero();
        assertThat(refused.output())
            .contains(
                settings.containsKey("PARLEY_AUTH")
                    ? "set mp.jwt.verify.issuer, mp.jwt.verify.audiences,"
                        + " mp.jwt.verify.publickey.location"
                    : "parley.auth.allow-open=true")
            .doesNotContain("\tat ");
      } finally {
        refused.kill();
        ParleyProcess.stopDatabase(otherDir);
      }
    }
  }

  private static String renew(RawSocket socket, int id, String token) throws InterruptedException {
    socket.send(line(id, "auth.renew", "{\"token\":\"" + token + "\"}"));
    return socket.hear();
  }

  private static Map<String, String> bearer(String token) {
    return Map.of("Authorization", "Bearer " + token);
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Test
  void matrixParametersAreNoWayRoundTheGate() throws Exception {
    for (String path : List.of("/api;a/effects", "/api;/effects", "/api;a=b/sessions/x:demo:t")) {
      assertThat(get(path, null).statusCode()).as(path).isEqualTo(401);
    }
  }

  @Test
  void whatASocketMayShowCountsWhereSocketsOpenOnly() throws Exception {
    String offered = escaped("quarkus-http-upgrade#Authorization#Bearer " + TOKENS.of("sub"));
    for (String query : List.of("", "?ticket=" + ticket("only"))) {
      HttpRequest request =
          HttpRequest.newBuilder(parley.baseUrl().resolve("/api/sessions/sub:demo:t" + query))
              .header("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
              .header("Sec-WebSocket-Protocol", offered)
              .build();
      assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(401);
    }
  }

  private String ticket(String user) throws IOException, InterruptedException {
    JsonNode answer = MAPPER.readTree(post("/api/tickets", "", TOKENS.of(user)).body());
    return answer.path("ticket").asText();
  }

  private void create(String user, String thread) throws IOException, InterruptedException {
    assertThat(createdAs(user, thread).statusCode()).isEqualTo(201);
  }

  private HttpResponse<String> createdAs(String user, String thread)
      throws IOException, InterruptedException {
    return post("/api/sessions", body(user, thread), TOKENS.of(user));
  }

  private static String body(String user, String thread) {
    return "{\"userId\":\"%s\",\"agentId\":\"demo\",\"threadId\":\"%s\"}".formatted(user, thread);
  }

  private HttpResponse<String> post(String path, String body, String token)
      throws IOException, InterruptedException {
    return post(parley.baseUrl().resolve(path), body, token);
  }

  private HttpResponse<String> post(URI url, String body, String token)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .header(
                "Content-Type",
                url.getPath().equals("/api/rpc") ? "application/ndjson" : "application/json")
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, @Nullable String token)
      throws IOException, InterruptedException {
    return http.send(request(path, token), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<Stream<String>> events(String key, String query, @Nullable String token)
      throws IOException, InterruptedException {
    HttpRequest request = request("/api/sessions/" + key + "/events?" + query, token);
    return http.send(request, HttpResponse.BodyHandlers.ofLines());
  }

  private HttpRequest request(String path, @Nullable String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(parley.baseUrl() + path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request.build();
  }
}
