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

class ChatMessageJsonTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.006Z");

  @Test
  void writesWhatAUserSaidAsATextPart() {
    assertThat(json("say \"hi\" 😀", null))
        .isEqualTo(
            """
            {"id":"m","sessionId":"u:demo:t","role":"user",\
            "parts":[{"type":"text","text":"say \\"hi\\" 😀"}],\
            "createdAt":"2026-01-02T03:04:05.006Z"}\
            """);
  }

  @Test
  void putsTheGivenPartsAfterTheTextAsTheyAre() {
    assertThat(json("see", "[{\"type\":\"file\",\"n\":1.50},{\"type\":\"data-x\"}]"))
        .contains(
            "\"parts\":[{\"type\":\"text\",\"text\":\"see\"},{\"type\":\"file\",\"n\":1.50},"
                + "{\"type\":\"data-x\"}],\"createdAt\"");
  }

  @Test
  void writesGivenPartsAloneWhereThereIsNoText() {
    assertThat(json("", "[{\"type\":\"data-x\"}]")).contains("\"parts\":[{\"type\":\"data-x\"}],");
  }

  @Test
  void writesAnAnswerWithItsTurnAndWhatItCost() {
    assertThat(
            ChatMessageJson.encode(
                KEY,
                new ChatMessage.OfAgent(
                    new MessageId("a"),
                    new TurnId("x"),
                    List.of(
                        new MessagePart.Reasoning("hm"),
                        new MessagePart.Text("one"),
                        new MessagePart.Data("d", null, new JsonText("[1e2]"))),
                    true,
                    new Usage(1, 2, 3, 4),
                    "demo-1",
                    AT)))
        .isEqualTo(
            """
            {"id":"a","sessionId":"u:demo:t","role":"assistant",\
            "parts":[{"type":"reasoning","text":"hm"},{"type":"text","text":"one"},\
            {"type":"data-d","data":[1e2]}],\
            "createdAt":"2026-01-02T03:04:05.006Z","turnId":"x",\
            "metadata":{"interrupted":true,\
            "usage":{"inputTokens":1,"outputTokens":2,"cacheReadTokens":3,"cacheCreationTokens":4},\
            "model":"demo-1"}}\
            """);
  }

  @Test
  void leavesOutMetadataThatSaysNothing() {
    assertThat(
            ChatMessageJson.encode(
                KEY,
                new ChatMessage.OfAgent(
                    new MessageId("a"),
                    new TurnId("x"),
                    List.of(new MessagePart.Text("one")),
                    false,
                    Usage.NONE,
                    null,
                    AT)))
        .endsWith("\"turnId\":\"x\"}");
  }

  private static String json(String content, @Nullable String parts) {
    return ChatMessageJson.encode(
        KEY,
        new ChatMessage.OfUser(
            new UserMessage(
                new MessageId("m"),
                content,
                parts == null ? null : new JsonText(parts),
                new ClientMessageId("c"),
                AT)));
  }
}
