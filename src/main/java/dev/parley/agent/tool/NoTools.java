package dev.parley.agent.tool;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.parley.loop.EventLoop;
import java.util.List;
import java.util.function.Consumer;

/// For an agent without tools: a model that calls one anyway is told that there is none.
final class NoTools implements Tools {

  @Override
  public List<ToolSpecification> specifications() {
    return List.of();
  }

  @Override
  public boolean needsApproval(String name) {
    return false;
  }

  @Override
  public Running run(Call call, EventLoop loop, Consumer<Outcome> done) {
    return Reply.refusal("there is no such tool", loop, done);
  }
}
