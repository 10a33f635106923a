package dev.parley.content;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.ChatStreamEvent.ReasoningDelta;
import dev.parley.content.ChatStreamEvent.ReasoningEnd;
import dev.parley.content.ChatStreamEvent.ReasoningStart;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextEnd;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.ChatStreamEvent.ToolInputDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TurnOutputTest {
  /// The invariant of this package, over any sequence of events and any way of splitting deltas.
  @Property
  void isTheSameHoweverItsDeltasWereSplit(
      @ForAll("contents") List<Content> contents, @ForAll long seed) {
    TurnOutput whole = output(contents);
    TurnOutput split = output(split(contents, new Random(seed)));
    assertThat(split).isEqualTo(whole).hasSameHashCodeAs(whole);
    assertThat(split.events()).isEqualTo(whole.events());
    assertThat(split.parts()).isEqualTo(whole.parts());
    assertThat(split.bytes()).isEqualTo(whole.bytes());
    assertThat(split.missingEnds()).isEqualTo(whole.missingEnds());
  }

  @Property
  void isTheSameMadeFromItsOwnJoinedEvents(@ForAll("contents") List<Content> contents) {
    TurnOutput output = output(contents);
    TurnOutput again = output(output.events());
    assertThat(again).isEqualTo(output);
    assertThat(again.bytes()).isEqualTo(output.bytes());
    assertThat(again.parts()).isEqualTo(output.parts());
  }

  @Property
  void addsUpToTheSamePartsAsItsSingleEvents(@ForAll("contents") List<Content> contents) {
    PartsBuilder single = new PartsBuilder();
    contents.forEach(single::add);
    assertThat(output(contents).parts()).isEqualTo(single.build());
  }

  @Property
  void leavesNoAdjacentDeltasThatCouldBeOne(@ForAll("contents") List<Content> contents) {
    List<Content> events = output(contents).events();
    for (int i = 1; i < events.size(); i++) {
      boolean joinable =
          events.get(i - 1) instanceof Delta a && events.get(i) instanceof Delta b && a.joins(b);
      assertThat(joinable).isFalse();
    }
  }

  @Property
  void staysAsItWasWhenALongerOneIsMade(@ForAll("contents") List<Content> contents) {
    List<TurnOutput> outputs = new ArrayList<>(List.of(TurnOutput.EMPTY));
    for (Content content : contents) {
      outputs.add(outputs.getLast().append(content));
    }
    for (int i = 0; i < outputs.size(); i++) {
      assertThat(outputs.get(i)).isEqualTo(output(contents.subList(0, i)));
    }
  }

  @Property
  void isClosedByItsMissingEnds(@ForAll("contents") List<Content> contents) {
    TurnOutput output = output(contents);
    TurnOutput closed = output;
    for (Content end : output.missingEnds()) {
      closed = closed.append(end);
    }
    assertThat(closed.missingEnds()).isEmpty();
    Set<String> asked =
        output.openApprovals().stream()
            .map(ChatStreamEvent.ToolApprovalRequest::toolCallId)
            .collect(Collectors.toSet());
    assertThat(without(closed.parts(), asked))
        .as("ends change no part but calls that nobody agreed to")
        .isEqualTo(without(output.parts(), asked));
    for (String call : asked) {
      assertThat(closed.parts())
          .filteredOn(part -> isCall(part, Set.of(call)))
          .last()
          .isInstanceOfSatisfying(
              MessagePart.Tool.class,
              tool -> assertThat(tool.state()).isEqualTo(MessagePart.ToolState.OUTPUT_DENIED));
    }
  }

  private static List<MessagePart> without(List<MessagePart> parts, Set<String> calls) {
    return parts.stream().filter(part -> !isCall(part, calls)).toList();
  }

  private static boolean isCall(MessagePart part, Set<String> calls) {
    return part instanceof MessagePart.Tool tool && calls.contains(tool.toolCallId());
  }

  @Property
  void weighsAtLeastWhatItSays(@ForAll("contents") List<Content> contents) {
    TurnOutput output = output(contents);
    long said = contents.stream().mapToLong(TurnOutput::weight).sum();
    assertThat(output.bytes()).isEqualTo(said + 48L * output.events().size());
    assertThat(output.isEmpty()).isEqualTo(contents.isEmpty());
  }

  @Example
  void joinsDeltasOfOnePartOnly() {
    TurnOutput output =
        output(
            List.of(
                new TextStart("1"),
                new TextDelta("1", "a"),
                new TextDelta("1", "b"),
                new TextDelta("2", "c"),
                new ReasoningDelta("2", "d"),
                new ToolInputDelta("2", "e"),
                new ToolInputDelta("2", "f"),
                new TextDelta("1", "g")));
    assertThat(output.events())
        .containsExactly(
            new TextStart("1"),
            new TextDelta("1", "ab"),
            new TextDelta("2", "c"),
            new ReasoningDelta("2", "d"),
            new ToolInputDelta("2", "ef"),
            new TextDelta("1", "g"));
  }

  @Example
  void tellsTheEndsThatAreMissingInTheOrderOfTheirStarts() {
    TurnOutput output =
        output(
            List.of(
                new TextStart("1"),
                new ReasoningStart("1"),
                new TextStart("2"),
                new TextEnd("1"),
                new TextStart("3")));
    assertThat(output.missingEnds())
        .containsExactly(new ReasoningEnd("1"), new TextEnd("2"), new TextEnd("3"));
  }

  @Provide
  Arbitrary<List<Content>> contents() {
    return Contents.any().list().ofMaxSize(40);
  }

  private static TurnOutput output(List<Content> contents) {
    TurnOutput output = TurnOutput.EMPTY;
    for (Content content : contents) {
      output = output.append(content);
    }
    return output;
  }

  /// The same events with deltas cut at random places, between characters.
  private static List<Content> split(List<Content> contents, Random random) {
    List<Content> pieces = new ArrayList<>();
    for (Content content : contents) {
      if (content instanceof Delta delta) {
        String rest = delta.text();
        while (rest.length() > 1 && random.nextBoolean()) {
          int at =
              rest.offsetByCodePoints(0, random.nextInt(rest.codePointCount(0, rest.length())));
          pieces.add(delta.withText(rest.substring(0, at)));
          rest = rest.substring(at);
        }
        pieces.add(delta.withText(rest));
      } else {
        pieces.add(content);
      }
    }
    return pieces;
  }
}
