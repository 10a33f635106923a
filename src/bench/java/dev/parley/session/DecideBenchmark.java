package dev.parley.session;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.MessageId;
import dev.parley.session.Command.NewTurn;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What the rules cost: deciding a token of a turn that runs, and a message that starts one.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecideBenchmark {
  private static final Instant AT = Instant.parse("2030-01-01T00:00:00Z");

  private final SessionDecider decider =
      new SessionDecider(new SessionDecider.Limits(32, 1 << 22, 1 << 22), _ -> false);
  private final SessionKey key = SessionKey.parse("ann:demo:t");
  private final NewTurn turn =
      new NewTurn(new TurnId("01ARZ3NDEKTSV4RRFFQ69G5FAV"), new MessageId("answer"));
  private final SessionState idle =
      after(new SessionState.Absent(), new Command.Create(key, new Incarnation("i1"), null, AT));
  private final Command send =
      new Command.Send(
          new UserMessage(new MessageId("question"), "Hello, what is new?", null, null, AT),
          Command.WhenBusy.QUEUE,
          null,
          turn);
  private final SessionState streaming = after(idle, send);
  private final Command token =
      new Command.AgentOutput(
          turn.turnId(), List.of(new ChatStreamEvent.TextDelta("t1", "word ")), null, turn, AT);

  private SessionState after(SessionState state, Command command) {
    if (decider.decide(key, state, command) instanceof Decision.Accepted accepted) {
      return accepted.after();
    }
    throw new IllegalStateException("refused");
  }

  @Benchmark
  public Decision decideToken() {
    return decider.decide(key, streaming, token);
  }

  /// With the state that follows from its events.
  @Benchmark
  public Decision decideAndEvolveSend() {
    return decider.decide(key, idle, send);
  }
}
