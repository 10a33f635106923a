package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawSocket;
import dev.parley.testing.RpcClient;
import dev.parley.testing.TestTokens;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jose4j.jwt.JwtClaims;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Who may do what: every cell of the table in docs/operations.md, against the packaged
/// application.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessIT {
  private static final Path DOCUMENT = Path.of("docs", "operations.md");
  private static final String TABLE_BEGIN = "| who | ";
  private static final String OWN = "ann:demo:t";
  private static final String OTHERS = "ben:demo:t";
  private static final String LISTED = "https://chat.example";
  private static final String FOREIGN = "https://other.example";
  private static final TestTokens TOKENS = new TestTokens();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path dataDir;
  private final ParleyProcess parley;

  AccessIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    Map<String, String> settings = new HashMap<>(TOKENS.settings());
    settings.put("QUARKUS_HTTP_CORS_ENABLED", "true");
    settings.put("QUARKUS_HTTP_CORS_ORIGINS", LISTED);
    parley = ParleyProcess.start(dataDir, settings);
  }

  /// Who asks, and for whose session.
  ///
  /// @param token absent: none
  /// @param origin absent: the client is no page
  private record Asker(@Nullable String token, String key, @Nullable String origin) {
    Map<String, String> headers() {
      Map<String, String> headers = new HashMap<>();
      if (token != null) {
        headers.put("Authorization", "Bearer " + token);
      }
      if (origin != null) {
        headers.put("Origin", origin);
      }
      return headers;
    }
  }

  private static Map<String, Asker> askers() {
    Map<String, Asker> askers = new LinkedHashMap<>();
    askers.put("nobody: no token", new Asker(null, OWN, null));
    askers.put("a user, of its own sessions", new Asker(TOKENS.of("ann"), OWN, null));
    askers.put("a user, of another's sessions", new Asker(TOKENS.of("ann"), OTHERS, null));
    askers.put(
        "a user whose token has expired",
        new Asker(TOKENS.of("ann", Duration.ofMinutes(-1)), OWN, null));
    askers.put(
        "a token of another issuer",
        new Asker(TOKENS.changed("ann", c -> c.setIssuer("https://other.example")), OWN, null));
    askers.put(
        "a token for another audience",
        new Asker(TOKENS.changed("ann", c -> c.setAudience("another")), OWN, null));
    askers.put(
        "a token that never ends",
        new Asker(TOKENS.changed("ann", AccessIT::withoutEnd), OWN, null));
    askers.put("a token with a forged signature", new Asker(TOKENS.forged("ann"), OWN, null));
    askers.put("a token without a signature", new Asker(TOKENS.unsigned("ann"), OWN, null));
    askers.put(
        "a token signed with the public key",
        new Asker(TOKENS.signedWithThePublicKey("ann"), OWN, null));
    askers.put("a user's page of a listed origin", new Asker(TOKENS.of("ann"), OWN, LISTED));
    askers.put("a user's page of another origin", new Asker(TOKENS.of("ann"), OWN, FOREIGN));
    askers.put("a user's page without an origin", new Asker(TOKENS.of("ann"), OWN, "null"));
    askers.put(
        "an operator, of its own sessions", new Asker(TOKENS.of("ann", "operator"), OWN, null));
    askers.put(
        "an operator, of another's sessions",
        new Asker(TOKENS.of("ann", "operator"), OTHERS, null));
    return askers;
  }

  private static void withoutEnd(JwtClaims claims) {
    claims.unsetClaim("exp");
  }

  /// A way in; what it tells of whoever tries it is what the table says.
  private interface Door {
    String tried(Asker asker) throws IOException, InterruptedException;
  }

  private Map<String, Door> doors() {
    Map<String, Door> doors = new LinkedHashMap<>();
    doors.put("`/ws`", asker -> socket("/ws", asker));
    doors.put("`/api/rpc`", asker -> told(post("/api/rpc", call(asker.key()), asker)));
    doors.put(
        "thread socket", asker -> socket("/api/chat/ws?create=1&threadId=" + asker.key(), asker));
    doors.put("REST", asker -> told(get("/api/sessions/" + asker.key(), asker)));
    doors.put("SSE", asker -> stream("/api/sessions/" + asker.key() + "/events", asker));
    doors.put("`/api/chat`", asker -> told(get("/api/chat/" + asker.key() + "/stream", asker)));
    doors.put("`/api/tickets`", asker -> told(post("/api/tickets", "", asker)));
    doors.put("`/api/effects`", asker -> told(get("/api/effects", asker)));
    return doors;
  }

  @BeforeAll
  void haveSessions() throws Exception {
    for (String user : List.of("ann", "ben")) {
      Asker owner = new Asker(TOKENS.of(user), user + ":demo:t", null);
      String body = "{\"userId\":\"%s\",\"agentId\":\"demo\",\"threadId\":\"t\"}".formatted(user);
      assertThat(post("/api/sessions", body, owner).statusCode()).isEqualTo(201);
    }
  }

  @AfterAll
  void leaveNothingBehind() {
    http.shutdownNow();
    parley.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @TestFactory
  List<DynamicTest> letsInWhomTheTableSays() throws IOException {
    List<List<String>> table = table();
    List<String> columns = table.removeFirst();
    Map<String, Door> doors = doors();
    Map<String, Asker> askers = askers();
    assertThat(columns.subList(1, columns.size())).containsExactlyElementsOf(doors.keySet());
    assertThat(table.stream().map(List::getFirst)).containsExactlyElementsOf(askers.keySet());
    List<DynamicTest> tests = new ArrayList<>();
    for (List<String> row : table) {
      Asker asker = Objects.requireNonNull(askers.get(row.getFirst()));
      for (int i = 1; i < columns.size(); i++) {
        Door door = Objects.requireNonNull(doors.get(columns.get(i)));
        String expected = row.get(i);
        tests.add(
            DynamicTest.dynamicTest(
                "%s, %s: %s".formatted(row.getFirst(), columns.get(i), expected),
                () -> assertThat(door.tried(asker)).isEqualTo(expected)));
      }
    }
    return tests;
  }

  /// The rows of the table, its head first.
  private static List<List<String>> table() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      inside = line.startsWith("|") && (inside || line.startsWith(TABLE_BEGIN + "`/ws`"));
      if (inside && !line.startsWith("|---")) {
        List<String> cells = Arrays.stream(line.split("\\|")).skip(1).map(String::strip).toList();
        rows.add(cells);
      }
    }
    return rows;
  }

  private static String call(String key) {
    return RpcClient.line(1, "chat.getState", RpcClient.session(key).toString());
  }

  private String socket(String address, Asker asker) throws InterruptedException {
    URI url = parley.wsUrl(address);
    try (RawSocket socket = new RawSocket(url, asker.headers())) {
      if (!address.equals("/ws")) {
        return "yes";
      }
      socket.send(call(asker.key()));
      return outcome(socket.hear());
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        return told(refused.getResponse());
      }
      throw e;
    }
  }

  private HttpResponse<String> get(String path, Asker asker)
      throws IOException, InterruptedException {
    return http.send(request(path, asker).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body, Asker asker)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(path, asker)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private String stream(String path, Asker asker) throws IOException, InterruptedException {
    HttpResponse<Stream<String>> response =
        http.send(request(path, asker).build(), HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      assertThat(lines.limit(1)).hasSize(1);
      return status(response);
    }
  }

  private HttpRequest.Builder request(String path, Asker asker) {
    HttpRequest.Builder request = HttpRequest.newBuilder(parley.baseUrl().resolve(path));
    asker.headers().forEach(request::header);
    return request;
  }

  /// What came of a request, and that a refusal says what it has to and nothing else.
  private static String told(HttpResponse<?> response) {
    String status = status(response);
    String body = String.valueOf(response.body());
    if (status.equals("yes")) {
      return body.contains("\"requestId\"") ? outcome(body) : status;
    }
    assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(body).doesNotContain(OWN).doesNotContain(OTHERS);
    if (status.equals("401")) {
      assertThat(response.headers().firstValue("www-authenticate").orElse("")).startsWith("Bearer");
    }
    return status;
  }

  private static String status(HttpResponse<?> response) {
    return response.statusCode() < 300 ? "yes" : Integer.toString(response.statusCode());
  }

  /// What came of a call.
  private static String outcome(String exit) {
    if (exit.contains("\"Success\"")) {
      return "yes";
    }
    assertThat(exit).contains("NotAllowedRpcError").doesNotContain(OTHERS);
    return "no";
  }
}
