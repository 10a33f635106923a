package dev.parley.agent.tool;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.parley.loop.EventLoop;
import java.util.List;
import java.util.function.Consumer;

/// The tools that one agent may use. May be used by any thread, each call from its own loop.
public interface Tools {
  /// None at all.
  Tools NONE = new NoTools();

  /// What the model is told of them at this moment, by name: those of MCP servers come and go.
  List<ToolSpecification> specifications();

  /// Whether somebody has to agree to each call of that tool. False for an unknown tool; one of an
  /// MCP server that is away is not unknown.
  boolean needsApproval(String name);

  /// Has a tool run. Called on the loop; `done` is called on the loop, later, exactly once unless
  /// it is cancelled before.
  ///
  /// An unknown tool, bad arguments, a throw, too much output, too long a wait and too many who
  /// wait are outcomes too: [Outcome.Failed].
  Running run(Call call, EventLoop loop, Consumer<Outcome> done);

  /// What the model wants done.
  ///
  /// @param memoryId what a parameter with `@ToolMemoryId` gets: the session's key
  /// @param arguments a JSON object, as the model wrote it
  record Call(String memoryId, String name, String arguments) {}

  /// What came of a call. Its words are for the model.
  sealed interface Outcome {
    /// The tool's answer.
    record Gave(String text) implements Outcome {}

    /// Why there is none.
    record Failed(String why) implements Outcome {}
  }

  /// A call that may still be taken back.
  interface Running {
    /// Stops it at once; nobody hears of it any more. Idempotent. On the loop.
    void cancel();
  }
}
