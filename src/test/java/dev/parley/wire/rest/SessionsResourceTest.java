package dev.parley.wire.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
class SessionsResourceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final AtomicInteger USERS = new AtomicInteger();

  @TestHTTPResource("/")
  URI server;

  private String userId;
  private String id;

  @BeforeEach
  void create() {
    userId = "rest-" + USERS.incrementAndGet();
    id = create("t1");
  }

  private String create(String threadId) {
    Response created =
        post(
            "/api/sessions",
            "{\"userId\":\"%s\",\"agentId\":\"demo\",\"threadId\":\"%s\"}"
                .formatted(userId, threadId));
    created.then().statusCode(201).body("status", equalTo("idle"));
    return created.jsonPath().getString("id");
  }

  @Test
  void makesASessionAndSaysWhereItIs() {
    Response created =
        post(
            "/api/sessions",
            "{\"userId\":\"%s\",\"agentId\":\"demo\",\"title\":\"Rome\"}".formatted(userId));
    created.then().statusCode(201).contentType(ContentType.JSON);
    String location = created.header("Location");
    assertThat(location).isEqualTo("/api/sessions/" + created.jsonPath().getString("id"));
    assertThat(get(location).asString()).isEqualTo(created.asString());
    assertProblem(
        post(
            "/api/sessions",
            "{\"userId\":\"%s\",\"agentId\":\"demo\",\"threadId\":\"t1\"}".formatted(userId)),
        409,
        "SessionExistsRpcError");
  }

  @Test
  void listsTheSessionsOfAUserPageByPage() {
    List<String> ids = List.of(create("t3"), create("t2"), id);
    for (String one : ids.reversed()) {
      post("/api/sessions/" + one + "/touch", "").then().statusCode(200).body("id", equalTo(one));
    }
    Response first = get("/api/sessions?userId=" + userId + "&agentId=demo&limit=2");
    assertThat(first.jsonPath().getList("sessions.id")).isEqualTo(ids.subList(0, 2));
    assertThat(first.jsonPath().getBoolean("hasMore")).isTrue();
    Response rest = get("/api/sessions?userId=" + userId + "&after=" + ids.get(1));
    assertThat(rest.jsonPath().getList("sessions.id")).isEqualTo(ids.subList(2, 3));
  }

  @Test
  void renamesASession() {
    Response renamed = patch("{\"title\":\"Rome\"}");
    renamed.then().statusCode(200).body("title", equalTo("Rome"));
    assertThat(get(path("")).asString()).isEqualTo(renamed.asString());
    assertProblem(patch("{}"), 400, "InvalidRequestRpcError").body("field", equalTo("title"));
  }

  @Test
  void deletesASession() {
    given().delete(path("")).then().statusCode(200).body("deleted", equalTo(true));
    given().delete(path("")).then().statusCode(200).body("deleted", equalTo(false));
    assertProblem(given().get(path("")), 404, "ChatSessionNotFoundRpcError");
  }

  @Test
  void sendsQueuesAndTakesBackMessages() {
    Response started = post(path("/messages"), "{\"content\":\"/hang 1\"}");
    started.then().statusCode(202).body("status", equalTo("started"));
    String turnId = started.jsonPath().getString("turnId");
    Response queued =
        post(
            path("/messages"),
            "{\"content\":\"\",\"whenBusy\":\"queue\",\"sessionId\":\"%s\",\"clientMessageId\":"
                    .formatted(id)
                + "\"c1\",\"parts\":[{\"type\":\"file\",\"mediaType\":\"a/b\",\"url\":\"data:,\"}]}");
    queued.then().statusCode(202).body("status", equalTo("queued"));
    String messageId = queued.jsonPath().getString("messageId");
    get(path("/state"))
        .then()
        .body("status", equalTo("streaming"))
        .body("activeTurnId", equalTo(turnId))
        .body("queue.id", hasItem(messageId));
    String place = path("/queue/" + messageId);
    given().delete(place).then().statusCode(200).body("removed", equalTo(true));
    given().delete(place).then().statusCode(200).body("removed", equalTo(false));
    assertProblem(
        post(path("/messages"), "{\"content\":\"x\",\"whenBusy\":\"reject\"}"),
        409,
        "ChatSessionBusyRpcError");
    post(path("/interrupt"), "{\"turnId\":\"another\"}")
        .then()
        .statusCode(200)
        .body("interrupted", equalTo(false));
    post(path("/interrupt"), "")
        .then()
        .statusCode(200)
        .body("interrupted", equalTo(true))
        .body("turnId", equalTo(turnId));
    get(path("/turns?limit=1"))
        .then()
        .body("turns.id", hasItem(turnId))
        .body("turns.status", hasItem("interrupted"))
        .body("hasMore", equalTo(false));
    assertThat(get(path("/turns?after=" + turnId)).jsonPath().getList("turns")).isEmpty();
  }

  @Test
  void answersAMessageAgain() {
    post(path("/messages"), "{\"content\":\"/count 1 0\"}").then().statusCode(202);
    Awaitility.await().atMost(PATIENCE).until(() -> isIdle());
    post(path("/regenerate"), "{\"content\":\"/count 2 0\"}")
        .then()
        .statusCode(202)
        .body("status", equalTo("started"));
    Awaitility.await().atMost(PATIENCE).until(() -> isIdle());
    assertThat(get(path("/messages")).jsonPath().getList("messages.parts[0].text", String.class))
        .first()
        .isEqualTo("/count 2 0");
  }

  private boolean isIdle() {
    return get(path("")).jsonPath().getString("status").equals("idle");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|",
        "{\"content\":|",
        "{\"content\":\"x\"} {}|",
        "{}|content",
        "{\"content\":7}|content",
        "{\"content\":\"x\",\"parts\":[{\"type\":\"odd\"}]}|parts",
        "{\"content\":\"x\",\"sessionId\":\"ann:demo:other\"}|sessionId",
        "{\"content\":\"x\",\"sessionId\":1}|sessionId",
      })
  void refusesABodyByTheNameOfItsField(String body, String field) {
    assertProblem(post(path("/messages"), body), 400, "InvalidRequestRpcError")
        .body("field", equalTo(field));
  }

  @Test
  void refusesABodyThatIsNestedTooDeep() {
    String deep = "[".repeat(128) + "]".repeat(128);
    assertProblem(
        post(path("/messages"), "{\"content\":\"x\",\"parts\":" + deep + "}"),
        400,
        "InvalidRequestRpcError");
  }

  @Test
  void refusesAMessageThatIsTooLong() {
    String content = "x".repeat(1024 * 1024 + 1);
    assertProblem(
            post(path("/messages"), "{\"content\":\"" + content + "\"}"),
            413,
            "LimitExceededRpcError")
        .body("limit", equalTo("content"));
    given()
        .contentType(ContentType.JSON)
        .body("{\"content\":\"" + content.repeat(2) + "\"}")
        .post(path("/messages"))
        .then()
        .statusCode(413)
        .contentType(Problems.MEDIA_TYPE);
  }

  /// Requests of HTTP/2 end before HTTP/1.1's do.
  @Test
  void speaksHttp2() throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String body : List.of("", "{}")) {
        HttpResponse<String> touched =
            client.send(
                HttpRequest.newBuilder(server.resolve(path("/touch").substring(1)))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(touched.statusCode()).as(touched.body()).isEqualTo(200);
        HttpResponse<String> found =
            client.send(
                HttpRequest.newBuilder(server.resolve(path("").substring(1))).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(found.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
        HttpResponse<String> tooLarge =
            client.send(
                HttpRequest.newBuilder(server.resolve(path("/messages").substring(1)))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(" ".repeat(3 << 20)))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(tooLarge.statusCode()).as(tooLarge.body()).isEqualTo(413);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"?limit=1, userId", "?userId=u&limit=x, limit", "?userId=u&after=x, after"})
  void refusesAListByTheNameOfItsParameter(String query, String field) {
    assertProblem(given().get("/api/sessions" + query), 400, "InvalidRequestRpcError")
        .body("field", equalTo(field));
  }

  /// What a page of another site can have a browser post without being asked.
  @ParameterizedTest
  @ValueSource(strings = {"", "/touch", "/messages", "/regenerate", "/interrupt"})
  void takesNothingThatDoesNotSayThatItIsJson(String place) {
    String address = place.isEmpty() ? "/api/sessions" : path(place);
    given().post(address).then().statusCode(415).contentType(Problems.MEDIA_TYPE);
    given()
        .contentType("text/plain")
        .body("{\"content\":\"x\"}")
        .post(address)
        .then()
        .statusCode(415)
        .contentType(Problems.MEDIA_TYPE);
  }

  private String path(String place) {
    return "/api/sessions/" + id + place;
  }

  private Response patch(String body) {
    return given().contentType(ContentType.JSON).body(body).patch(path(""));
  }

  private static Response post(String path, String body) {
    return given().contentType(ContentType.JSON).body(body).post(path);
  }

  private static Response get(String path) {
    Response response = given().get(path);
    response.then().statusCode(200).contentType(ContentType.JSON);
    return response;
  }

  private static ValidatableResponse assertProblem(Response response, int status, String tag) {
    return response
        .then()
        .statusCode(status)
        .contentType(Problems.MEDIA_TYPE)
        .body("type", equalTo("urn:parley:error:" + tag))
        .body("_tag", equalTo(tag));
  }
}
