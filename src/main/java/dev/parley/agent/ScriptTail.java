package dev.parley.agent;

import dev.parley.agent.Script.Failure;
import dev.parley.agent.Script.Passage;
import dev.parley.agent.Script.Silence;
import dev.parley.agent.Script.Tokens;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.TurnOutput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is left of a script once its beginning has been said: made for one script and what was said
/// of it. Deltas may have been joined, and cut within a token.
final class ScriptTail {
  private final Deque<Content> said;

  private ScriptTail(TurnOutput said) {
    this.said = new ArrayDeque<>(said.events());
  }

  /// The rest of the script, due from now on.
  static Script of(Script script, TurnOutput said) {
    if (said.isEmpty()) {
      return script;
    }
    ScriptTail tail = new ScriptTail(said);
    List<Passage> rest = new ArrayList<>();
    script.passages().forEach(passage -> tail.take(passage, rest));
    long startNanos = rest.isEmpty() ? 0 : rest.getFirst().startNanos();
    return new Script(rest.stream().map(passage -> earlier(passage, startNanos)).toList());
  }

  private void take(Passage passage, List<Passage> rest) {
    if (!(passage instanceof Tokens tokens) || said.isEmpty()) {
      rest.add(passage);
      return;
    }
    for (int index = 0; index < tokens.count(); index++) {
      AgentEvent left = said.isEmpty() ? tokens.events().apply(index) : rest(tokens, index);
      if (left != null) {
        int next = index;
        rest.add(
            new Tokens(
                tokens.dueNanos(index),
                tokens.count() - index,
                tokens.ratePerSecond(),
                i -> i == 0 ? left : tokens.events().apply(next + i)));
        return;
      }
    }
  }

  /// What is left of one event; nothing when all of it was said.
  private @Nullable AgentEvent rest(Tokens tokens, int index) {
    AgentEvent event = tokens.events().apply(index);
    if (!(event instanceof AgentEvent.Said(Delta token)) || !(said.peek() instanceof Delta run)) {
      Content _ = said.poll();
      return null;
    }
    Content _ = said.poll();
    if (run.text().length() > token.text().length()) {
      said.push(run.withText(run.text().substring(token.text().length())));
      return null;
    }
    return run.text().length() == token.text().length()
        ? null
        : new AgentEvent.Said(token.withText(token.text().substring(run.text().length())));
  }

  private static Passage earlier(Passage passage, long byNanos) {
    return switch (passage) {
      case Tokens t ->
          new Tokens(t.startNanos() - byNanos, t.count(), t.ratePerSecond(), t.events());
      case Failure f -> new Failure(f.startNanos() - byNanos, f.failure());
      case Silence s -> new Silence(s.startNanos() - byNanos);
    };
  }
}
