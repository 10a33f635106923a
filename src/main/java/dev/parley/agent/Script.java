package dev.parley.agent;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.FinishReason;
import dev.parley.content.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/// What an agent that does not think will say, and when: passages in order, each due at a time
/// counted from the start. A passage makes its tokens as they are played, so that a long one costs
/// no more memory than a short one.
record Script(List<Passage> passages) {

  /// A stretch of the answer.
  sealed interface Passage {
    /// Nanoseconds after the start at which the passage's first event is due.
    long startNanos();
  }

  /// Events at an even rate.
  ///
  /// @param ratePerSecond 0: all are due at once
  /// @param events called once for each index from 0 to `count - 1`, when it is played
  record Tokens(long startNanos, int count, int ratePerSecond, IntFunction<AgentEvent> events)
      implements Passage {

    /// When the event at this index is due, nanoseconds after the start.
    long dueNanos(int index) {
      return startNanos + span(index, ratePerSecond);
    }
  }

  /// The answer breaks off.
  record Failure(long startNanos, AgentFailure failure) implements Passage {}

  /// Nothing more comes, and no end either.
  record Silence(long startNanos) implements Passage {}

  Script {
    passages = List.copyOf(passages);
  }

  private static long span(int count, int ratePerSecond) {
    return ratePerSecond == 0 ? 0 : count * Duration.ofSeconds(1).toNanos() / ratePerSecond;
  }

  /// Writes a script from its beginning to its end. Made for one script.
  static final class Writer {
    private static final String TEXT = "t";

    private final List<Passage> passages = new ArrayList<>();
    private int texts;
    private int tokens;

    /// When the next token is due, and when the last one was.
    private long nextNanos;

    private long lastNanos;

    Writer pause(Duration time) {
      nextNanos += time.toNanos();
      lastNanos = nextNanos;
      return this;
    }

    /// Says something that is no token, along with the token before it.
    Writer say(Content content) {
      return single(new AgentEvent.Said(content));
    }

    Writer tokens(int count, int ratePerSecond, IntFunction<? extends Content> contents) {
      if (count > 0) {
        passages.add(
            new Tokens(
                nextNanos,
                count,
                ratePerSecond,
                index -> new AgentEvent.Said(contents.apply(index))));
        lastNanos = nextNanos + span(count - 1, ratePerSecond);
        nextNanos += span(count, ratePerSecond);
        tokens += count;
      }
      return this;
    }

    /// A text part of tokens, whole.
    Writer text(int count, int ratePerSecond, IntFunction<String> words) {
      String id = TEXT + (texts + 1);
      return openText(count, ratePerSecond, words).say(new ChatStreamEvent.TextEnd(id));
    }

    /// A text part that is not ended.
    Writer openText(int count, int ratePerSecond, IntFunction<String> words) {
      texts++;
      String id = TEXT + texts;
      return say(new ChatStreamEvent.TextStart(id))
          .tokens(
              count, ratePerSecond, index -> new ChatStreamEvent.TextDelta(id, words.apply(index)));
    }

    /// One step of the answer, with what the passages write into it.
    Writer step(UnaryOperator<Writer> inside) {
      return inside
          .apply(say(new ChatStreamEvent.StartStep()))
          .say(new ChatStreamEvent.FinishStep());
    }

    /// The usage that the tokens written so far amount to.
    Usage usage(long inputTokens) {
      return Usage.of(inputTokens, tokens);
    }

    Script finish(Usage usage, String model) {
      return single(new AgentEvent.Finished(FinishReason.STOP, usage, model, null)).script();
    }

    Script fail(AgentFailure failure) {
      passages.add(new Failure(lastNanos, failure));
      return script();
    }

    Script hang() {
      passages.add(new Silence(lastNanos));
      return script();
    }

    private Writer single(AgentEvent event) {
      passages.add(new Tokens(lastNanos, 1, 0, _ -> event));
      return this;
    }

    private Script script() {
      return new Script(passages);
    }
  }
}
