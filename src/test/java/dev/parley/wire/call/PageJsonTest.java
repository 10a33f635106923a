package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.effect.watch.SessionChange;
import dev.parley.session.ChatMessage;
import dev.parley.session.Incarnation;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.store.SessionInfo;
import dev.parley.store.json.ChatMessageJson;
import dev.parley.store.page.Page;
import dev.parley.store.page.Turn;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageJsonTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.006Z");
  private static final SessionInfo SESSION =
      new SessionInfo(KEY, new Incarnation("i"), null, false, "m", Usage.NONE, AT, AT);

  @Test
  void writesAPageOfHistory() {
    ChatMessage one =
        new ChatMessage.OfUser(new UserMessage(new MessageId("m1"), "hi", null, null, AT));
    ChatMessage two =
        new ChatMessage.OfUser(new UserMessage(new MessageId("m2"), "ho", null, null, AT));
    assertThat(PageJson.history(KEY, new Page<>(List.of(one, two), true)))
        .isEqualTo(
            "{\"messages\":["
                + ChatMessageJson.encode(KEY, one)
                + ","
                + ChatMessageJson.encode(KEY, two)
                + "],\"hasMore\":true}");
    assertThat(PageJson.history(KEY, new Page<>(List.of(), false)))
        .isEqualTo("{\"messages\":[],\"hasMore\":false}");
  }

  @Test
  void writesTurns() {
    Turn ended =
        new Turn(new TurnId("x"), new MessageId("m"), "completed", AT, AT.plusMillis(1), "stop");
    Turn running = new Turn(new TurnId("y"), new MessageId("n"), "streaming", AT, null, null);
    assertThat(PageJson.turns(KEY, new Page<>(List.of(ended, running), false)))
        .isEqualTo(
            """
            {"turns":[{"id":"x","sessionId":"u:demo:t","messageId":"m","status":"completed",\
            "startedAt":"2026-01-02T03:04:05.006Z","completedAt":"2026-01-02T03:04:05.007Z",\
            "reason":"stop"},\
            {"id":"y","sessionId":"u:demo:t","messageId":"n","status":"streaming",\
            "startedAt":"2026-01-02T03:04:05.006Z","completedAt":null,"reason":null}],\
            "hasMore":false}\
            """);
  }

  @Test
  void writesSessionsAndWhatBecomesOfThem() {
    String session = ReplyJson.session(SESSION);
    Page<SessionInfo> page = new Page<>(List.of(SESSION), true);
    assertThat(PageJson.sessions(page))
        .isEqualTo("{\"sessions\":[" + session + "],\"hasMore\":true}");
    assertThat(PageJson.change(new SessionChange.Listed(page)))
        .isEqualTo("{\"_tag\":\"SessionListed\",\"sessions\":[" + session + "],\"hasMore\":true}");
    assertThat(PageJson.change(new SessionChange.Changed(SESSION)))
        .isEqualTo("{\"_tag\":\"SessionChanged\",\"session\":" + session + "}");
    assertThat(PageJson.change(new SessionChange.Removed(KEY)))
        .isEqualTo("{\"_tag\":\"SessionRemoved\",\"sessionId\":\"u:demo:t\"}");
  }
}
