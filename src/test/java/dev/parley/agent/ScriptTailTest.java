package dev.parley.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.testing.ManualEventLoop;
import dev.parley.testing.Recorder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/// A script that was cut off anywhere and goes on says what it would have said.
class ScriptTailTest {
  private static final int TOKENS = 30;

  @Property(tries = 300)
  void saysTheRestWhereverItWasCutOff(
      @ForAll @IntRange(max = 60) int events, @ForAll @IntRange(max = 3) int characters) {
    List<Content> whole = said(play(script(50)));
    List<Content> before = new ArrayList<>(whole.subList(0, Math.min(events, whole.size())));
    if (before.size() < whole.size() && whole.get(before.size()) instanceof Delta cut) {
      int length = Math.min(characters, cut.text().length());
      if (length > 0) {
        before.add(cut.withText(cut.text().substring(0, length)));
      }
    }
    TurnOutput output = TurnOutput.EMPTY;
    for (Content content : before) {
      output = output.append(content);
    }
    TurnOutput all = output;
    for (Content content : said(play(ScriptTail.of(script(50), output)))) {
      all = all.append(content);
    }
    TurnOutput expected = TurnOutput.EMPTY;
    for (Content content : whole) {
      expected = expected.append(content);
    }
    assertThat(all).isEqualTo(expected);
  }

  @Test
  void goesOnAtTheSameRateFromNowOn() {
    TurnOutput said = TurnOutput.EMPTY;
    for (Content content : said(play(script(50))).subList(0, 12)) {
      said = said.append(content);
    }
    ManualEventLoop loop = new ManualEventLoop();
    Recorder<AgentEvent> rest = Recorder.ofAll();
    PacedSubscription.start(ScriptTail.of(script(50), said), loop, rest);
    loop.runUntilIdle();
    assertThat(rest.items()).hasSize(1);
    loop.advance(Duration.ofMillis(100));
    assertThat(rest.items()).hasSize(6);
  }

  private static Script script(int rate) {
    return new Script.Writer()
        .step(step -> step.text(TOKENS, rate, index -> index + " "))
        .step(step -> step.text(TOKENS / 2, 0, index -> "w" + index))
        .finish(Usage.of(1, 2), "demo");
  }

  private static List<AgentEvent> play(Script script) {
    ManualEventLoop loop = new ManualEventLoop();
    Recorder<AgentEvent> all = Recorder.ofAll();
    PacedSubscription.start(script, loop, all);
    loop.advance(Duration.ofMinutes(1));
    assertThat(all.items().getLast()).isInstanceOf(AgentEvent.Finished.class);
    return all.items();
  }

  private static List<Content> said(List<AgentEvent> events) {
    return events.stream()
        .filter(AgentEvent.Said.class::isInstance)
        .map(event -> ((AgentEvent.Said) event).content())
        .filter(content -> !(content instanceof TextDelta delta && delta.delta().isEmpty()))
        .toList();
  }
}
