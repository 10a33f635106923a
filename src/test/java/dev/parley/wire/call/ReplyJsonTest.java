package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Incarnation;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.store.SessionInfo;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReplyJsonTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.006Z");

  @Test
  void writesASession() {
    SessionInfo info =
        new SessionInfo(
            KEY, new Incarnation("i"), "a \"title\"", true, null, new Usage(1, 2, 3, 4), AT, AT);
    assertThat(ReplyJson.session(info))
        .isEqualTo(
            """
            {"id":"u:demo:t","userId":"u","agentId":"demo","threadId":"t",\
            "title":"a \\"title\\"","status":"streaming","model":null,\
            "usage":{"inputTokens":1,"outputTokens":2,"cacheReadTokens":3,"cacheCreationTokens":4},\
            "createdAt":"2026-01-02T03:04:05.006Z","lastActivityAt":"2026-01-02T03:04:05.006Z",\
            "incarnation":"i"}\
            """);
  }

  @Test
  void writesTheAnswersOfASend() {
    assertThat(ReplyJson.reply(new Reply.Started(new MessageId("m"), new TurnId("x"), false)))
        .isEqualTo("{\"status\":\"started\",\"messageId\":\"m\",\"turnId\":\"x\"}");
    assertThat(ReplyJson.reply(new Reply.Started(new MessageId("m"), new TurnId("x"), true)))
        .isEqualTo(
            "{\"status\":\"started\",\"messageId\":\"m\",\"turnId\":\"x\",\"duplicate\":true}");
    UserMessage message =
        new UserMessage(
            new MessageId("m"), "hi", new JsonText("[{}]"), new ClientMessageId("c"), AT);
    assertThat(ReplyJson.reply(new Reply.Queued(message, false)))
        .isEqualTo(
            """
            {"status":"queued","messageId":"m","queuedMessage":{"id":"m","content":"hi",\
            "parts":[{}],"clientMessageId":"c","queuedAt":"2026-01-02T03:04:05.006Z"}}\
            """);
  }

  @Test
  void writesTheOtherAnswers() {
    assertThat(ReplyJson.reply(new Reply.Interrupted(new TurnId("x"), 7L)))
        .isEqualTo("{\"interrupted\":true,\"turnId\":\"x\",\"seq\":7}");
    assertThat(ReplyJson.reply(new Reply.Interrupted(null, null)))
        .isEqualTo("{\"interrupted\":false}");
    assertThat(ReplyJson.reply(new Reply.Dequeued(true))).isEqualTo("{\"removed\":true}");
    assertThat(ReplyJson.reply(new Reply.Done())).isEqualTo("null");
  }

  @Test
  void writesEveryRefusalAsItsTypedError() {
    assertError(
        new Refusal.SessionNotFound(KEY),
        "{\"_tag\":\"ChatSessionNotFoundRpcError\",\"sessionId\":\"u:demo:t\"}");
    assertError(
        new Refusal.SessionBusy(KEY),
        "{\"_tag\":\"ChatSessionBusyRpcError\",\"sessionId\":\"u:demo:t\"}");
    assertError(
        new Refusal.SessionExists(KEY),
        "{\"_tag\":\"SessionExistsRpcError\",\"sessionId\":\"u:demo:t\"}");
    assertError(
        new Refusal.InvalidRequest("why", "x"),
        "{\"_tag\":\"InvalidRequestRpcError\",\"message\":\"why\",\"field\":\"x\"}");
    assertError(
        new Refusal.InvalidRequest("why", null),
        "{\"_tag\":\"InvalidRequestRpcError\",\"message\":\"why\"}");
    assertError(
        new Refusal.LimitExceeded("calls", "why", 5L),
        "{\"_tag\":\"LimitExceededRpcError\",\"limit\":\"calls\",\"message\":\"why\","
            + "\"retryAfterMs\":5}");
    assertError(
        new Refusal.NotAllowed("why"), "{\"_tag\":\"NotAllowedRpcError\",\"message\":\"why\"}");
    assertError(
        new Refusal.Failed(Refusal.Code.DRAINING, "why", true),
        "{\"_tag\":\"ChatOperationRpcError\",\"message\":\"why\",\"code\":\"DRAINING\","
            + "\"retryable\":true}");
  }

  private static void assertError(Refusal refusal, String json) {
    assertThat(RefusalJson.encode(refusal)).isEqualTo(json);
  }
}
