package dev.parley.wire.ui;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(PostgresResource.class)
class ChatRouteTest {
  private static final String PROBLEM = "application/problem+json";
  private static final AtomicInteger CHATS = new AtomicInteger();

  private final String chat = "ui-" + CHATS.incrementAndGet();

  @Test
  void streamsAnAnswerAsPartsThatEndWithDone() {
    Response answer = post(message(chat, "m1", "/count 3 0"));
    answer
        .then()
        .statusCode(200)
        .contentType("text/event-stream")
        .header("x-vercel-ai-ui-message-stream", equalTo("v1"))
        .header("cache-control", equalTo("no-cache"));
    assertThat(answer.asString())
        .startsWith(": stream-open\n\ndata: {\"type\":\"start\",\"messageId\":")
        .contains("data: {\"type\":\"finish\",\"finishReason\":\"stop\"")
        .endsWith("\n\ndata: [DONE]\n\n");
  }

  @Test
  void endsWithAnErrorWhenTheAgentFails() {
    assertThat(post(message(chat, "m1", "/fail 2")).asString())
        .contains("\"delta\":\"1 ")
        .contains("data: {\"type\":\"error\",\"errorText\":")
        .doesNotContain("\"type\":\"finish\"")
        .endsWith("data: [DONE]\n\n");
  }

  @Test
  void answersAPostAgainWithTheSameAnswer() {
    String first = post(message(chat, "m1", "/count 3 0")).asString();
    String again = post(message(chat, "m1", "/count 3 0")).asString();
    assertThat(start(again)).isEqualTo(start(first));
    assertThat(again).contains("\"delta\":\"1 2 3 \"");
  }

  @Test
  void regeneratesOnceHoweverOftenItIsPosted() {
    String answer = id(start(post(message(chat, "m1", "/count 3 0")).asString()));
    String regeneration =
        "{\"id\":\"%s\",\"messages\":[],\"trigger\":\"regenerate-message\",\"messageId\":\"%s\"}"
            .formatted(chat, answer);
    String first = start(post(regeneration).asString());
    assertThat(id(first)).isNotEqualTo(answer);
    assertThat(start(post(regeneration).asString())).isEqualTo(first);
  }

  @Test
  void editsOnceHoweverOftenItIsPosted() {
    Response _ = post(message(chat, "m1", "/count 3 0"));
    String edit =
        "{\"id\":\"%s\",\"messageId\":\"m1\",\"message\":{\"id\":\"m1\",\"role\":\"user\",\"content\":\"/count 5 0\"}}"
            .formatted(chat);
    String first = post(edit).asString();
    assertThat(first).contains("\"delta\":\"1 2 3 4 5 \"");
    assertThat(start(post(edit).asString())).isEqualTo(start(first));
  }

  @Test
  void resumesNothingWhereNothingRuns() {
    given().get("/api/chat/never-" + chat + "/stream").then().statusCode(204);
    Response _ = post(message(chat, "m1", "/count 1 0"));
    given().get("/api/chat/" + chat + "/stream").then().statusCode(204);
  }

  @Test
  void stopsNothingWhereNothingRuns() {
    Response _ = post(message(chat, "m1", "/count 1 0"));
    given()
        .post("/api/chat/" + chat + "/stop")
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("interrupted", equalTo(false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST | /api/chat               | {"id":"no such","message":{"content":"x"}}        | 400
          POST | /api/chat               | {"id":"c","messages":[]}                          | 400
          POST | /api/chat               | no json                                           | 400
          POST | /api/chat               | {"id":"u:x:t","message":{"content":"x"}}          | 422
          POST | /api/chat               | {"id":"nn","trigger":"regenerate-message"}        | 404
          POST | /api/chat?whenBusy=else | {"id":"c","message":{"content":"x"}}              | 400
          GET  | /api/chat/a:b/stream    |                                                   | 400
          POST | /api/chat/nn/stop       |                                                   | 404
          """)
  void answersWhatItCannotDoWithAProblem(String method, String path, String body, int status) {
    given()
        .contentType("application/json")
        .body(body == null ? "" : body)
        .request(method, path)
        .then()
        .statusCode(status)
        .contentType(PROBLEM);
  }

  @Test
  void refusesAMessageThatIsTooLargeAndABodyThatIsNoJson() {
    post(message(chat, "m1", "x".repeat(1048577))).then().statusCode(413).contentType(PROBLEM);
    given()
        .contentType("text/plain")
        .body(message(chat, "m1", "hello"))
        .post("/api/chat")
        .then()
        .statusCode(415)
        .contentType(PROBLEM);
  }

  private static Response post(String body) {
    return given().contentType("application/json").body(body).post("/api/chat");
  }

  private static String message(String chat, String id, String content) {
    return "{\"id\":\"%s\",\"messages\":[{\"id\":\"%s\",\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":\"%s\"}]}],\"trigger\":\"submit-message\"}"
        .formatted(chat, id, content);
  }

  private static String start(String stream) {
    return stream.lines().filter(line -> line.contains("\"type\":\"start\"")).findFirst().get();
  }

  private static String id(String start) {
    return start.replaceAll(".*\"messageId\":\"([^\"]+)\".*", "$1");
  }
}
