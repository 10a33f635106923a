package dev.parley.wire.rest;

import static io.restassured.RestAssured.config;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.parley.log.Fields;
import dev.parley.testing.PostgresResource;
import dev.parley.trace.Incoming;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.call.Answer;
import dev.parley.wire.call.Calls;
import dev.parley.wire.call.JsonFields;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
class EffectsResourceTest {
  /// The client makes no form of what is said to be one.
  private static final EncoderConfig AS_IT_IS =
      EncoderConfig.encoderConfig()
          .encodeContentTypeAs("application/x-www-form-urlencoded", ContentType.TEXT)
          .encodeContentTypeAs("multipart/form-data", ContentType.TEXT);

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final AtomicInteger THREADS = new AtomicInteger();
  private static final String JSON = "application/json";

  @Inject Calls calls;

  @ConfigProperty(name = "quarkus.datasource.jdbc.url")
  String jdbcUrl;

  @ConfigProperty(name = "quarkus.datasource.username")
  String user;

  @ConfigProperty(name = "quarkus.datasource.password")
  String password;

  private String sessionId;
  private String prefix;

  /// A session with three failed effects and a completed one.
  @BeforeEach
  void fail() throws SQLException {
    String thread = "effects-" + THREADS.incrementAndGet();
    sessionId = "ann:demo:" + thread;
    prefix = "effect-" + thread + "-";
    Answer made =
        calls.call(
            Standing.of(Caller.EVERYBODY),
            "session.create",
            new JsonFields()
                .text("userId", "ann")
                .text("agentId", "demo")
                .text("threadId", thread)
                .toString(),
            new Incoming(Fields.NONE, null, System.nanoTime()));
    String _ = ((Answer.One) made).json().await().atMost(PATIENCE);
    for (int i = 1; i <= 4; i++) {
      insert(thread, prefix + i, i, i == 4 ? "completed" : "failed");
    }
  }

  @Test
  void listsEffectsByTheirStatusInPages() {
    Response first = list("?status=failed&limit=2&after=" + prefix);
    assertThat(first.jsonPath().getList("effects.id", String.class))
        .containsExactly(prefix + 1, prefix + 2);
    assertThat(first.jsonPath().getBoolean("hasMore")).isTrue();
    Response rest = list("?status=failed&limit=100&after=" + prefix + 2);
    assertThat(rest.jsonPath().getList("effects.id", String.class)).startsWith(prefix + 3);
    assertThat(
            list("?status=completed&limit=1&after=" + prefix).jsonPath().getString("effects[0].id"))
        .isEqualTo(prefix + 4);
    assertThat(list("?limit=4&after=" + prefix).jsonPath().getList("effects.id", String.class))
        .containsExactly(prefix + 1, prefix + 2, prefix + 3, prefix + 4);
  }

  @Test
  void showsAnEffect() {
    given()
        .get("/api/effects/" + prefix + 1)
        .then()
        .statusCode(200)
        .contentType(JSON)
        .body("id", equalTo(prefix + 1))
        .body("sessionId", equalTo(sessionId))
        .body("kind", equalTo("call_webhook"))
        .body("dedupeKey", equalTo(prefix + 1))
        .body("payload.messageId", equalTo("m1"))
        .body("status", equalTo("failed"))
        .body("attempts", equalTo(2))
        .body("lastError", equalTo("status \"500\""))
        .body("nextAttemptAt", nullValue())
        .body("finishedAt", not(nullValue()));
  }

  @Test
  void runsAFailedEffectAgain() {
    rerun(prefix + 1, JSON + "; charset=utf-8").then().statusCode(200).contentType(JSON);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> given().get("/api/effects/" + prefix + 1).jsonPath().getInt("attempts") > 2);
  }

  @Test
  void runsNothingAgainThatHasNotFailed() {
    assertProblem(rerun(prefix + 4, JSON), 409, "urn:parley:error:EffectNotFailed");
  }

  @Test
  void knowsNoEffectOfAnotherId() {
    assertProblem(given().get("/api/effects/none"), 404, "urn:parley:error:EffectNotFound");
    assertProblem(rerun("none", JSON), 404, "urn:parley:error:EffectNotFound");
    for (String odd : List.of("%00", "%F0%9F%91%8B", "a".repeat(129), "%20")) {
      Response found = given().urlEncodingEnabled(false).get("/api/effects/" + odd);
      assertProblem(found, 404, "urn:parley:error:EffectNotFound");
      Response run =
          given()
              .urlEncodingEnabled(false)
              .contentType(JSON)
              .body("{}")
              .post("/api/effects/" + odd + "/rerun");
      assertProblem(run, 404, "urn:parley:error:EffectNotFound");
    }
  }

  /// What a page of another site can have a browser post without being asked.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; application/json"
      })
  void takesNoFormOfAnotherSite(String contentType) {
    assertProblem(rerun(prefix + 2, contentType), 415, "about:blank");
    assertProblem(given().post("/api/effects/" + prefix + 2 + "/rerun"), 415, "about:blank");
    given().get("/api/effects/" + prefix + 2).then().body("status", equalTo("failed"));
  }

  @ParameterizedTest
  @CsvSource({
    "?status=lost, status",
    "?after=%00, after",
    "?after=%C3%A4, after",
    "?limit=0, limit",
    "?limit=501, limit",
    "?limit=-1, limit",
    "?limit=many, limit",
    "?limit=99999999999999999999, limit"
  })
  void refusesWhatItDoesNotUnderstand(String query, String field) {
    Response refused = given().urlEncodingEnabled(false).get("/api/effects" + query);
    assertProblem(refused, 400, "urn:parley:error:InvalidRequestRpcError");
    assertThat(refused.jsonPath().getString("field")).isEqualTo(field);
  }

  private Response list(String query) {
    Response listed = given().get("/api/effects" + query);
    listed.then().statusCode(200).contentType(JSON);
    return listed;
  }

  private static Response rerun(String id, String contentType) {
    return given()
        .config(config().encoderConfig(AS_IT_IS))
        .contentType(contentType)
        .body("{}")
        .post("/api/effects/" + id + "/rerun");
  }

  private static void assertProblem(Response response, int status, String type) {
    response
        .then()
        .statusCode(status)
        .contentType(Problems.MEDIA_TYPE)
        .body("type", equalTo(type))
        .body("status", equalTo(status))
        .body("title", not(nullValue()))
        .body("detail", not(nullValue()));
  }

  private void insert(String thread, String id, int ord, String status) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl, user, password);
        PreparedStatement insert =
            connection.prepareStatement(
                """
                INSERT INTO effects (id, sid, kind, dedupe_key, payload, event_seq, ord, expires_at,
                                     status, attempts, last_attempt_at, next_attempt_at,
                                     finished_at, last_error)
                SELECT ?, sid, 'call_webhook', ?, '{"turnId":"t1","messageId":"m1"}', 1, ?,
                       now() + interval '1 day', ?, 2, now(), NULL, now(), 'status "500"'
                  FROM sessions WHERE thread_id = ?
                """)) {
      List<Object> values = List.of(id, id, ord, status, thread);
      for (int i = 0; i < values.size(); i++) {
        insert.setObject(i + 1, values.get(i));
      }
      assertThat(insert.executeUpdate()).isEqualTo(1);
    }
  }
}
