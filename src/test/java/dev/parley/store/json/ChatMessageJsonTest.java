package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ChatMessageJsonTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");
  private static final Instant AT = Instant.parse("2030-01-02T03:04:05Z");

  @Test
  void writesAFinishedAnswer() {
    assertThat(encode(agent(false, Usage.of(3, 5), "model-1")))
        .isEqualTo(
            """
            {"id":"a1","sessionId":"u:demo:t","role":"assistant",\
            "parts":[{"type":"reasoning","text":"hm"},{"type":"text","text":"Yes – ☃"}],\
            "createdAt":"2030-01-02T03:04:05Z","turnId":"t1",\
            "metadata":{"usage":{"inputTokens":3,"outputTokens":5,"cacheReadTokens":0,\
            "cacheCreationTokens":0},"model":"model-1"}}\
            """);
  }

  @Test
  void saysOfAnAnswerThatItWasCutShort() {
    assertThat(encode(agent(true, Usage.NONE, null)))
        .endsWith("\"turnId\":\"t1\",\"metadata\":{\"interrupted\":true}}");
  }

  @Test
  void leavesOutMetadataThatSaysNothing() {
    assertThat(encode(agent(false, Usage.NONE, null))).endsWith("\"turnId\":\"t1\"}");
  }

  @Test
  void writesTheContentOfAUsersMessageAsItsOnePart() {
    assertThat(encode(user("hel\"lo", null)))
        .isEqualTo(
            """
            {"id":"m1","sessionId":"u:demo:t","role":"user",\
            "parts":[{"type":"text","text":"hel\\"lo"}],"createdAt":"2030-01-02T03:04:05Z"}\
            """);
  }

  @Test
  void writesTheUsersOwnPartsAsTheyWereGiven() {
    assertThat(encode(user("see", new JsonText("[{\"type\":\"file\",\"url\":\"x\",\"n\":1.0}]"))))
        .contains("\"parts\":[{\"type\":\"file\",\"url\":\"x\",\"n\":1.0}],\"createdAt\"");
  }

  private static String encode(ChatMessage message) {
    return ChatMessageJson.encode(KEY, message);
  }

  private static ChatMessage user(String content, @Nullable JsonText parts) {
    return new ChatMessage.OfUser(
        new UserMessage(new MessageId("m1"), content, parts, new ClientMessageId("c1"), AT));
  }

  private static ChatMessage agent(boolean interrupted, Usage usage, @Nullable String model) {
    return new ChatMessage.OfAgent(
        new MessageId("a1"),
        new TurnId("t1"),
        List.of(new MessagePart.Reasoning("hm"), new MessagePart.Text("Yes – ☃")),
        interrupted,
        usage,
        model,
        AT);
  }
}
