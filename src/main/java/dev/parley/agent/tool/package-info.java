/// What a model can have done for it: methods of beans that are [dev.langchain4j.agent.tool.Tool]s,
/// and the tools of MCP servers. All that a node has are in a [dev.parley.agent.tool.Toolbox]; what
/// one agent may use of them are its [dev.parley.agent.tool.Tools].
///
/// A tool of a bean has the name that the bean gives it. One of an MCP server is called
/// `<server>_<tool>`; as no server has `_` in its name, every name says whose it is before the
/// server has been reached.
///
/// **Invariants**
/// - Each call has one outcome, on its loop, or none because it was cancelled.
/// - No tool runs more often at once, is waited for by more calls, or says more than its
///   [dev.parley.agent.tool.ToolLimits] allow; one that does not stop when it is told to counts
///   until it has.
/// - Tools never run on a loop.
/// - No line of the log says what a tool was asked or what it said.
///
/// An MCP server that is away takes its tools with it and nothing else; it is asked again until it
/// is back.
@NullMarked
package dev.parley.agent.tool;

import org.jspecify.annotations.NullMarked;
