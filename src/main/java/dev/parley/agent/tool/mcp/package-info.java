/// MCP servers and the ways to them: streamable HTTP, and the standard input and output of a
/// process. What is said is LangChain4j's client's; how it gets there is Parley's own, because the
/// library's ways hold whatever a server sends, leave requests that nobody waits for any more open,
/// hand the node's environment to the processes they start, and quote servers in the log.
///
/// **Invariants**
/// - No message of a server is read beyond its bound.
/// - A call that nobody waits for any more is over at once: its exchange is cut, and the server is
///   told.
/// - Whatever a server asks or tells, it is answered or passed over; nothing of it is logged.
///
/// What fails once is lost: whoever has the [dev.parley.agent.tool.mcp.McpPeer] is told that it may
/// be in trouble, and makes another one.
@NullMarked
package dev.parley.agent.tool.mcp;

import org.jspecify.annotations.NullMarked;
