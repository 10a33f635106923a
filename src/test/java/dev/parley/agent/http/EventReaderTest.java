package dev.parley.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.parley.agent.http.EventReader.Format;
import dev.parley.agent.llm.ProviderFailure;
import dev.parley.agent.llm.ProviderFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Events out of bytes, wherever those are cut.
class EventReaderTest {
  private static final int MAX = 64;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
  void readsEventsHoweverTheyAreCut(int piece) {
    String text =
        """
        : a comment
        event: one
        data: {"text":"Grüße ☃ 😀"}

        data:first
        data: second
        id: 7
        retry

        event: nothing

        data: last

        """;
    List<ServerSentEvent> events =
        List.of(
            new ServerSentEvent("one", "{\"text\":\"Grüße ☃ 😀\"}"),
            new ServerSentEvent(null, "first\nsecond"),
            new ServerSentEvent(null, "last"));
    for (String end : List.of("\n", "\r\n", "\r")) {
      assertThat(read(Format.EVENT_STREAM, text.replace("\n", end), piece))
          .as("lines that end with %s", end.replace("\r", "CR").replace("\n", "LF"))
          .isEqualTo(events);
    }
    assertThat(read(Format.EVENT_STREAM, "\uFEFF" + text, piece)).isEqualTo(events);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1000})
  void readsLinesHoweverTheyAreCut(int piece) {
    assertThat(read(Format.LINES, "{\"a\":\"ü\"}\r\n\n{\"b\":1}\n{\"c\":2}", piece))
        .extracting(ServerSentEvent::data)
        .containsExactly("{\"a\":\"ü\"}", "{\"b\":1}", "{\"c\":2}");
  }

  @Test
  void takesNothingForAnEventThatHasNotEnded() {
    assertThat(read(Format.EVENT_STREAM, "data: 1\n\ndata: 2\n", 100))
        .containsExactly(new ServerSentEvent(null, "1"));
  }

  @Test
  void takesNoMoreOfTheDataThanOneSpaceAway() {
    assertThat(read(Format.EVENT_STREAM, "data:  two\n\n", 100))
        .containsExactly(new ServerSentEvent(null, " two"));
  }

  @Test
  void replacesWhatIsNoText() {
    EventReader reader = new EventReader(Format.LINES, MAX);
    assertThat(reader.read(new byte[] {'a', (byte) 0xff, 'b', '\n'}))
        .extracting(ServerSentEvent::data)
        .containsExactly("a\uFFFDb");
  }

  @Test
  void givesUpAnEventThatIsTooLarge() {
    for (Format format : Format.values()) {
      EventReader reader = new EventReader(format, MAX);
      String large = "data: " + "x".repeat(MAX);
      assertThatThrownBy(() -> reader.read(large.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOfSatisfying(
              ProviderFailure.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREADABLE));
    }
    String lines = "data: x\n".repeat(MAX);
    EventReader reader = new EventReader(Format.EVENT_STREAM, MAX);
    assertThatThrownBy(() -> reader.read(lines.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ProviderFailure.class);
    assertThat(read(Format.EVENT_STREAM, "data: x\n\n".repeat(MAX), 100)).hasSize(MAX);
  }

  private static List<ServerSentEvent> read(Format format, String text, int piece) {
    EventReader reader = new EventReader(format, MAX);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<ServerSentEvent> events = new ArrayList<>();
    for (int from = 0; from < bytes.length; from += piece) {
      int to = Math.min(bytes.length, from + piece);
      events.addAll(reader.read(Arrays.copyOfRange(bytes, from, to)));
    }
    events.addAll(reader.end());
    return events;
  }
}
