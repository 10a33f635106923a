package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.testing.Answers;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import dev.parley.testing.WebhookReceiver;
import dev.parley.testing.WebhookReceiver.Received;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The packaged application tells a real server of finished answers: signed, in order, again when
/// that fails, and once more after a crash (requirements O6, O7).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebhookIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final byte[] KEY = "a key that nobody guesses".getBytes(StandardCharsets.UTF_8);
  private static final String SECRET = "whsec_" + Base64.getEncoder().encodeToString(KEY);
  private static final String TOKEN = "token-of-the-address";

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path dataDir;
  private final Set<String> made = new HashSet<>();
  private WebhookReceiver receiver = new WebhookReceiver();
  private ParleyProcess parley;

  WebhookIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    parley = start();
  }

  private ParleyProcess start() {
    return ParleyProcess.start(
        dataDir,
        Map.of(
            "PARLEY_AGENTS_DEMO_WEBHOOK_URL", receiver.url("/hook?" + TOKEN).toString(),
            "PARLEY_AGENTS_DEMO_WEBHOOK_SECRET", SECRET,
            "PARLEY_AGENTS_DEMO_WEBHOOK_TIMEOUT", "2s",
            "PARLEY_DATABASE_TIMEOUT", "2s",
            "PARLEY_EFFECTS_LEASE", "8s",
            "PARLEY_EFFECTS_MAX_ATTEMPTS", "12",
            "PARLEY_EFFECTS_RETRY_PAUSE_MIN", "200ms",
            "PARLEY_EFFECTS_RETRY_PAUSE_MAX", "500ms"));
  }

  @BeforeAll
  void isRunning() {
    assertThat(parley.isAlive()).isTrue();
  }

  @AfterAll
  void leaveNothingBehind() {
    parley.close();
    receiver.close();
    http.close();
    ParleyProcess.stopDatabase(dataDir);
  }

  @Test
  void postsTheFinishedMessageSignedAndShowsNoSecret() throws Exception {
    receiver.behave(_ -> 200);
    String session = "signed:demo:t";
    String turnId = answer(session, "/count 5 0");
    await(() -> status(turnId).equals("completed"));
    Received received = of(session).getFirst();
    assertThat(received.method()).isEqualTo("POST");
    assertThat(received.path()).isEqualTo("/hook?" + TOKEN);
    assertThat(received.header("content-type")).isEqualTo("application/json");
    assertThat(received.header("webhook-id")).isEqualTo("webhook-" + turnId);
    assertThat(received.header("idempotency-key")).isEqualTo("webhook-" + turnId);
    assertSigned(received);

    JsonNode history = json(get("/api/sessions/" + session + "/messages"));
    assertThat(json(received.body())).isEqualTo(history.path("messages").get(1));
    assertThat(json(received.body()).path("turnId").asText()).isEqualTo(turnId);

    assertThat(parley.output()).doesNotContain(SECRET, TOKEN);
    assertThat(get("/q/metrics").body())
        .contains("parley_effects_executed_total")
        .doesNotContain(SECRET, TOKEN);
    assertThat(get("/api/effects/webhook-" + turnId).body()).doesNotContain(SECRET, TOKEN, "1 2 3");
  }

  @Test
  void keepsTheOrderOfASessionWhileItsServerFails() throws Exception {
    String session = "order:demo:t";
    int[] failures = {3};
    receiver.behave(request -> {
      synchronized (failures) {
        return isOf(session, request) && failures[0]-- > 0 ? 500 : 200;
      }
    });
    String first = answer(session, "/count 3 0");
    String second = answer(session, "/count 2 0");
    String third = answer(session, "/count 1 0");
    await(() -> status(third).equals("completed"));
    assertThat(of(session))
        .extracting(received -> received.header("webhook-id"))
        .containsExactly(
            "webhook-" + first,
            "webhook-" + first,
            "webhook-" + first,
            "webhook-" + first,
            "webhook-" + second,
            "webhook-" + third);
    of(session).forEach(WebhookIT::assertSigned);
  }

  @Test
  void triesAgainWhenItsServerIsSlow() throws Exception {
    String session = "slow:demo:t";
    CountDownLatch never = new CountDownLatch(1);
    AtomicBoolean first = new AtomicBoolean(true);
    receiver.behave(request -> {
      if (isOf(session, request) && first.compareAndSet(true, false)) {
        never.await();
      }
      return 200;
    });
    String turnId = answer(session, "/count 3 0");
    await(() -> status(turnId).equals("completed"));
    JsonNode effect = effect(turnId);
    assertThat(effect.path("attempts").asInt()).isGreaterThan(1);
    assertThat(effect.path("lastError").asText()).isEqualTo("timed out");
    never.countDown();
  }

  @Test
  void waitsForAServerThatIsDown() throws Exception {
    String session = "down:demo:t";
    int port = receiver.port();
    receiver.close();
    String turnId = answer(session, "/count 3 0");
    await(() -> effect(turnId).path("lastError").asText().equals("connection refused"));
    receiver = new WebhookReceiver(port);
    await(() -> status(turnId).equals("completed"));
    assertThat(of(session)).hasSize(1);
  }

  @Test
  void executesAgainUnderTheSameIdWhatACrashCutOffAndThenNeverAgain() throws Exception {
    String session = "crash:demo:t";
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch dead = new CountDownLatch(1);
    receiver.behave(request -> {
      if (isOf(session, request) && dead.getCount() > 0) {
        arrived.countDown();
        dead.await();
      }
      return 200;
    });
    String turnId = answer(session, "/count 3 0");
    assertThat(arrived.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    parley.kill();
    dead.countDown();
    parley = start();
    await(() -> status(turnId).equals("completed"));
    List<String> ids = ids(session);
    assertThat(ids).hasSizeGreaterThan(1).containsOnly("webhook-" + turnId);
    parley.kill();
    parley = start();
    String next = answer(session, "/count 2 0");
    await(() -> status(next).equals("completed"));
    assertThat(ids(session)).hasSize(ids.size() + 1).last().isEqualTo("webhook-" + next);
  }

  @Test
  void givesBackAtAGracefulStopWhatIsUnderWay() throws Exception {
    String session = "stop:demo:t";
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    receiver.behave(request -> {
      if (isOf(session, request) && stopped.getCount() > 0) {
        arrived.countDown();
        stopped.await();
      }
      return 200;
    });
    String turnId = answer(session, "/count 3 0");
    assertThat(arrived.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    parley.stop();
    stopped.countDown();
    parley = start();
    await(() -> status(turnId).equals("completed"));
    assertThat(ids(session)).containsOnly("webhook-" + turnId);
  }

  @Test
  void letsAnOperatorRunAgainWhatHasFailed() throws Exception {
    String session = "failed:demo:t";
    AtomicBoolean broken = new AtomicBoolean(true);
    receiver.behave(request -> isOf(session, request) && broken.get() ? 503 : 200);
    String turnId = answer(session, "/count 3 0");
    String id = "webhook-" + turnId;
    await(() -> status(turnId).equals("failed"));
    Set<String> failed = new HashSet<>();
    json(get("/api/effects?status=failed"))
        .path("effects")
        .forEach(e -> failed.add(e.path("id").asText()));
    assertThat(failed).contains(id);
    JsonNode effect = effect(turnId);
    assertThat(effect.path("lastError").asText()).isEqualTo("status 503");
    assertThat(effect.path("attempts").asInt()).isEqualTo(12);
    assertThat(effect.path("sessionId").asText()).isEqualTo(session);

    broken.set(false);
    assertThat(rerun(id, "application/json").statusCode()).isEqualTo(200);
    await(() -> status(turnId).equals("completed"));
    assertThat(effect(turnId).path("attempts").asInt()).isEqualTo(13);
    assertThat(rerun(id, "application/json").statusCode()).isEqualTo(409);
  }

  /// Lets the agent answer, to its end.
  ///
  /// @return the turn
  private String answer(String session, String content) {
    ClientLog log = new ClientLog("client", session);
    try (RpcClient client = RpcClient.connect(parley.wsUrl())) {
      if (made.add(session)) {
        client.create(session);
      }
      var _ = client.follow(log);
      String turnId =
          Answers.get(client.send(log, content, "c-" + System.nanoTime())).path("turnId").asText();
      log.awaitStop(turnId, LIMIT);
      return turnId;
    }
  }

  private JsonNode effect(String turnId) throws IOException, InterruptedException {
    return json(get("/api/effects/webhook-" + turnId));
  }

  private String status(String turnId) throws IOException, InterruptedException {
    return effect(turnId).path("status").asText();
  }

  private List<Received> of(String session) {
    return receiver.received().stream().filter(request -> isOf(session, request)).toList();
  }

  private List<String> ids(String session) {
    return of(session).stream().map(received -> received.header("webhook-id")).toList();
  }

  private static boolean isOf(String session, Received request) {
    return json(request.body()).path("sessionId").asText().equals(session);
  }

  private static void assertSigned(Received received) {
    String timestamp = received.header("webhook-timestamp");
    assertThat(Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), Instant.now()))
        .isLessThan(Duration.ofMinutes(5));
    String signed = received.header("webhook-id") + "." + timestamp + "." + received.body();
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      assertThat(received.header("webhook-signature"))
          .isEqualTo("v1," + Base64.getEncoder().encodeToString(signature));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(parley.baseUrl().resolve(path)).timeout(LIMIT).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> rerun(String id, String contentType)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(parley.baseUrl().resolve("/api/effects/" + id + "/rerun"))
            .timeout(LIMIT)
            .header("content-type", contentType)
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response) {
    return json(response.body());
  }

  private static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON", e);
    }
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().pollInterval(Duration.ofMillis(50)).atMost(LIMIT).until(condition);
  }
}
