package dev.parley.simulation;

import dev.parley.actor.ScriptedAgent;
import dev.parley.agent.Agent;
import dev.parley.agent.AgentContext;
import dev.parley.agent.AgentEvent;
import dev.parley.agent.AgentFailure;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.loop.EventLoop;
import dev.parley.session.SessionKey;
import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// An agent that misbehaves as its message asks it to, on a thread of its own.
final class UnrulyAgent implements Agent {
  /// A delta that takes several frames.
  private static final int BIG = 3_000;

  private final EventLoop loop;
  private final Consumer<SessionKey> heard;

  /// Each is a message: the name, a number of tokens, and the milliseconds between them.
  enum Manner {
    /// Counts, and ends without saying so.
    PLAIN,
    THROWS,
    FAILS_BEFORE_THE_FIRST,
    FAILS_IN_THE_MIDDLE,
    FAILS_AFTER_THE_LAST,
    NEVER_SPEAKS,
    SPEAKS_EMPTILY,
    SPEAKS_BIG,
    SPEAKS_IN_HALVES,
    ANSWERS_AT_ONCE,
    IGNORES_DEMAND,
    IGNORES_CANCEL,
    SPEAKS_AFTER_ITS_END,
    /// Names a model that the store refuses.
    NAMES_POISON;

    String message(int tokens, int pauseMs) {
      return name() + " " + tokens + " " + pauseMs;
    }
  }

  /// @param loop where it works
  /// @param heard told of everything it says in demand and that takes room
  UnrulyAgent(EventLoop loop, Consumer<SessionKey> heard) {
    this.loop = loop;
    this.heard = heard;
  }

  @Override
  public Multi<AgentEvent> answer(AgentContext context) {
    String[] words = context.input().content().split(" ", -1);
    Manner manner = Manner.valueOf(words[0]);
    int tokens = Integer.parseInt(words[1]);
    return switch (manner) {
      case THROWS -> throw new IllegalStateException("thrown by a test");
      case ANSWERS_AT_ONCE ->
          Multi.createFrom()
              .items(Stream.generate(() -> said("at once ")).limit(tokens + 1L))
              .onItem()
              .invoke(_ -> heard.accept(context.key()));
      default -> {
        ScriptedAgent.Answer answer = new ScriptedAgent.Answer(context);
        Duration pause = Duration.ofMillis(Long.parseLong(words[2]));
        Speaker speaker = new Speaker(answer, manner, tokens, pause);
        loop.execute(speaker::begin);
        yield Multi.createFrom().publisher(answer);
      }
    };
  }

  private static AgentEvent said(String text) {
    return new AgentEvent.Said(new TextDelta("1", text));
  }

  /// One answer, token by token.
  private final class Speaker {
    private final ScriptedAgent.Answer answer;
    private final Manner manner;
    private final int tokens;
    private final Duration pause;
    private int spoken;

    Speaker(ScriptedAgent.Answer answer, Manner manner, int tokens, Duration pause) {
      this.answer = answer;
      this.manner = manner;
      this.tokens = tokens;
      this.pause = pause;
    }

    void begin() {
      switch (manner) {
        case FAILS_BEFORE_THE_FIRST -> answer.fail(new AgentFailure("asked to fail", true));
        case NEVER_SPEAKS -> {}
        default -> next();
      }
    }

    private void next() {
      if (answer.cancelled() && manner != Manner.IGNORES_CANCEL) {
        return;
      }
      if (spoken >= (manner == Manner.FAILS_IN_THE_MIDDLE ? tokens / 2 : tokens)) {
        end();
        return;
      }
      boolean wanted = spoken < answer.requested();
      if (wanted || answer.cancelled() || manner == Manner.IGNORES_DEMAND) {
        speak();
      }
      EventLoop.Timer _ = loop.schedule(pause, this::next);
    }

    private void speak() {
      spoken++;
      switch (manner) {
        case SPEAKS_EMPTILY -> answer.text("");
        case SPEAKS_IN_HALVES -> say(spoken % 2 == 1 ? "\ud83d" : "\ude00");
        case SPEAKS_BIG -> say("x".repeat(BIG));
        case IGNORES_DEMAND, IGNORES_CANCEL -> answer.text(spoken + " ");
        default -> say(spoken + " ");
      }
    }

    private void say(String text) {
      heard.accept(answer.context().key());
      answer.text(text);
    }

    private void end() {
      switch (manner) {
        case FAILS_IN_THE_MIDDLE, FAILS_AFTER_THE_LAST ->
            answer.fail(new IllegalStateException("asked to fail"));
        case NAMES_POISON -> answer.finish("\0");
        case SPEAKS_AFTER_ITS_END -> {
          answer.finish();
          answer.text("too late");
          answer.complete();
        }
        default -> answer.complete();
      }
    }
  }
}
