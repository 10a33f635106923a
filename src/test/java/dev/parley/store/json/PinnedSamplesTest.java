package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Event;
import dev.parley.session.Incarnation;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState.Present;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What versions of this program have stored, as files that never change: each must be read for
/// ever, and as what it meant. The newest version of each type is also what is written today; when
/// that changes, the version goes up, and the new sample stands beside the old one.
final class PinnedSamplesTest {
  private static final Instant AT = Instant.parse("2030-01-02T03:04:05.067Z");
  private static final UserMessage MESSAGE =
      new UserMessage(
          new MessageId("m-1"),
          "wörd 😀 \"quoted\"\n\0",
          new JsonText("[{\"type\":\"text\",\"n\":1.50}]"),
          new ClientMessageId("c-1"),
          AT);

  private static final List<Event> EVENTS =
      List.of(
          new Event.SessionCreated(
              new SessionKey("user", "demo", "thread"), new Incarnation("i-1"), "Title", AT),
          new Event.MessageQueued(MESSAGE, true),
          new Event.MessageRemoved(new MessageId("m-1"), AT),
          new Event.TurnStarted(new TurnId("t-1"), new MessageId("a-1"), MESSAGE, AT),
          new Event.QueuedTurnStarted(
              new TurnId("t-1"), new MessageId("a-1"), new MessageId("m-1"), AT),
          new Event.TurnRegenerated(
              new TurnId("t-1"),
              new MessageId("a-1"),
              MESSAGE,
              new ClientMessageId("c-2"),
              AT.plusSeconds(1)),
          new Event.TurnResumed(new TurnId("t-1"), 1234, AT),
          new Event.TurnSpent(new TurnId("t-1"), new Usage(1, 2, 3, 4), AT),
          new Event.MessagesDiscarded(new MessageId("m-1"), true, 7, AT),
          new Event.SessionRenamed("Title", AT),
          new Event.SessionTouched(AT),
          new Event.IncarnationRenewed(new Incarnation("life2"), AT),
          new Event.SessionDeleted(AT),
          new Event.TurnEnded(
              new TurnId("t-1"),
              new MessageId("a-1"),
              new Event.TurnOutcome.Completed(FinishReason.TOOL_CALLS),
              List.of(
                  new MessagePart.StepStart(),
                  new MessagePart.Reasoning("because"),
                  new MessagePart.Text("one two"),
                  new MessagePart.Tool(
                      "call-1",
                      "search",
                      MessagePart.ToolState.OUTPUT_AVAILABLE,
                      new JsonText("{\"q\":\"x\"}"),
                      null,
                      new JsonText("null"),
                      null),
                  new MessagePart.Tool(
                      "call-2",
                      "search",
                      MessagePart.ToolState.OUTPUT_ERROR,
                      null,
                      "{\"q\":",
                      null,
                      "it broke"),
                  new MessagePart.SourceUrl("s-1", "https://example.org", "Example"),
                  new MessagePart.SourceDocument("s-2", "text/plain", "Document"),
                  new MessagePart.File("https://example.org/a.png", "image/png"),
                  new MessagePart.Data("chart", "d-1", new JsonText("[1.0]"))),
              true,
              new Usage(1, 2, 3, 4),
              "demo-1",
              AT));

  private static final List<Event> OTHER_ENDS =
      List.of(
          ended(new Event.TurnOutcome.Interrupted("node lost")),
          ended(new Event.TurnOutcome.Failed(Refusal.Code.AGENT_ERROR, "it broke", true)));

  private static Event ended(Event.TurnOutcome outcome) {
    return new Event.TurnEnded(
        new TurnId("t-1"), new MessageId("a-1"), outcome, List.of(), false, Usage.NONE, null, AT);
  }

  @Test
  void writesEventsAsTheNewestSamplesSay() {
    assertThat(EVENTS.stream().<Class<?>>map(Event::getClass))
        .containsExactlyInAnyOrderElementsOf(Samples.leaves(Event.class));
    for (Event event : EVENTS) {
      EventJson.Stored stored = EventJson.encode(event);
      assertThat(stored.payload())
          .isEqualTo(sample("/events/" + stored.type() + ".v" + stored.version() + ".json"));
    }
    assertThat(OTHER_ENDS.stream().map(end -> EventJson.encode(end).payload()))
        .containsExactly(
            sample("/events/TurnEnded.v1.interrupted.json"),
            sample("/events/TurnEnded.v1.error.json"));
  }

  @Test
  void readsEveryEventThatWasEverStored() {
    List<Path> samples = samples("/events");
    assertThat(samples).hasSizeGreaterThanOrEqualTo(EVENTS.size());
    List<Event> known = Stream.concat(EVENTS.stream(), OTHER_ENDS.stream()).toList();
    for (Path path : samples) {
      String[] name = path.getFileName().toString().split("\\.", -1);
      int version = Integer.parseInt(name[1].substring(1));
      assertThat(EventJson.decode(name[0], version, text(path))).as("%s", path).isIn(known);
    }
  }

  @Test
  void writesSnapshotsAsTheNewestSamplesSay() {
    assertThat(SnapshotJson.encode(SnapshotJsonTest.idle()))
        .isEqualTo(sample("/snapshots/idle.v1.json"));
    assertThat(SnapshotJson.encode(SnapshotJsonTest.streaming()))
        .isEqualTo(sample("/snapshots/streaming.v1.json"));
  }

  @Test
  void readsEverySnapshotThatWasEverStored() {
    List<Present> states = List.of(SnapshotJsonTest.idle(), SnapshotJsonTest.streaming());
    List<Path> samples = samples("/snapshots");
    assertThat(samples).hasSizeGreaterThanOrEqualTo(states.size());
    for (Path path : samples) {
      assertThat(SnapshotJson.decode(text(path))).as("%s", path).isIn(states);
    }
  }

  private static String sample(String name) {
    return text(resource(name));
  }

  private static List<Path> samples(String directory) {
    try (Stream<Path> files = Files.list(resource(directory))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new AssertionError("cannot list " + directory, e);
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(PinnedSamplesTest.class.getResource(name), "no sample " + name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(name, e);
    }
  }

  private static String text(Path path) {
    try {
      return Files.readString(path).strip();
    } catch (IOException e) {
      throw new AssertionError("cannot read " + path, e);
    }
  }
}
