package dev.parley.agent.tool;

/// What a tool does, on a thread that may be blocked.
@FunctionalInterface
interface BlockingTool {

  /// Does it. An interrupt is meant: nobody wants the answer any more.
  ///
  /// @throws Exception whose message the model is told
  String run(Tools.Call call) throws Exception;
}
