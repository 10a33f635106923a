package dev.parley.wire.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
class MessagesResourceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final AtomicInteger THREADS = new AtomicInteger();

  @Inject Calls calls;

  private String sessionId;

  /// A session with two messages and their answers.
  @BeforeEach
  void talk() {
    String thread = "rest-" + THREADS.incrementAndGet();
    sessionId = "ann:demo:" + thread;
    call(
        "session.create",
        new JsonFields().text("userId", "ann").text("agentId", "demo").text("threadId", thread));
    for (String content : List.of("/count 3 0", "/count 2 0")) {
      call("chat.send", session().text("content", content));
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> call("session.get", session()).contains("\"status\":\"idle\""));
    }
  }

  @Test
  void answersWhatTheCallAnswers() {
    String whole = call("chat.getHistory", session());
    assertThat(get("")).isEqualTo(whole);
    assertThat(get("?after=&before=&last=&limit=")).isEqualTo(whole);
    assertThat(get("?limit=3")).isEqualTo(call("chat.getHistory", session().number("limit", 3)));
    assertThat(get("?last=true&limit=3"))
        .isEqualTo(call("chat.getHistory", session().flag("last", true).number("limit", 3)));
    assertThat(get("?last=2")).isEqualTo(call("chat.getHistory", session().number("last", 2)));
    assertThat(get("?last=false&limit=3"))
        .isEqualTo(call("chat.getHistory", session().flag("last", false).number("limit", 3)));
    List<String> ids = ids(whole);
    assertThat(ids).hasSize(4);
    assertThat(ids(get("?after=" + ids.get(1)))).isEqualTo(ids.subList(2, 4));
    assertThat(ids(get("?before=" + ids.get(3) + "&limit=2"))).isEqualTo(ids.subList(1, 3));
    assertThat(whole)
        .contains("\"parts\":[{\"type\":\"text\",\"text\":\"/count 3 0\"}]")
        .contains("{\"type\":\"text\",\"text\":\"1 2 3 \"}],\"createdAt\":");
  }

  @Test
  void takesAKeyWithItsColonsEncodedOrNot() {
    Response encoded =
        given().urlEncodingEnabled(false).get(path(sessionId.replace(":", "%3A")) + "?limit=1");
    encoded.then().statusCode(200).contentType("application/json");
    assertThat(encoded.asString()).isEqualTo(get("?limit=1"));
  }

  @ParameterizedTest
  @CsvSource({
    "?limit=0, limit",
    "?limit=501, limit",
    "?limit=many, limit",
    "?limit=00, limit",
    "?limit=99999999999999999999, limit",
    "?last=0, last",
    "?last=newest, last",
    "?last=2&limit=2, limit",
    "?last=true&after=x, last",
    "?after=x&before=y, before",
    "?after=no-such, after",
    "?before=no-such, before",
    "?after=%C3%A9, after",
  })
  void refusesAQueryByTheNameOfItsParameter(String query, String field) {
    given()
        .urlEncodingEnabled(false)
        .get(path(sessionId) + query)
        .then()
        .statusCode(400)
        .contentType(Problems.MEDIA_TYPE)
        .body("type", equalTo("urn:parley:error:InvalidRequestRpcError"))
        .body("title", equalTo("Bad Request"))
        .body("status", equalTo(400))
        .body("_tag", equalTo("InvalidRequestRpcError"))
        .body("field", equalTo(field));
  }

  @ParameterizedTest
  @CsvSource({
    "nobody, agentId",
    "%20:demo:t, userId",
    "ann:demo:..%2Ft, threadId",
    "ann:demo:t:more, threadId",
    "ann:demo:%22%5C, threadId",
  })
  void refusesAKeyByThePartThatIsWrong(String id, String field) {
    given()
        .urlEncodingEnabled(false)
        .get(path(id))
        .then()
        .statusCode(400)
        .contentType(Problems.MEDIA_TYPE)
        .body("field", equalTo(field));
  }

  @Test
  void knowsNoSessionThatIsNotThere() {
    given()
        .urlEncodingEnabled(false)
        .get(path("ann:demo:none"))
        .then()
        .statusCode(404)
        .contentType(Problems.MEDIA_TYPE)
        .body("_tag", equalTo("ChatSessionNotFoundRpcError"))
        .body("sessionId", equalTo("ann:demo:none"))
        .body("detail", equalTo("There is no session ann:demo:none."));
  }

  private String get(String query) {
    Response response = given().urlEncodingEnabled(false).get(path(sessionId) + query);
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    return response.asString();
  }

  private static String path(String id) {
    return "/api/sessions/" + id + "/messages";
  }

  private JsonFields session() {
    return new JsonFields().text("sessionId", sessionId);
  }

  private String call(String tag, JsonFields payload) {
    return ((Answer.One)
            calls.call(
                Standing.of(Caller.EVERYBODY),
                tag,
                payload.toString(),
                new Incoming(Fields.NONE, null, System.nanoTime())))
        .json()
        .await()
        .atMost(PATIENCE);
  }

  private static List<String> ids(String page) {
    try {
      return MAPPER
          .readTree(page)
          .path("messages")
          .valueStream()
          .map(message -> message.path("id").asText())
          .toList();
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(page, e);
    }
  }
}
