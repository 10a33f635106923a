package dev.parley.agent.tool;

/// Marks beans with methods that are tools: `@Tool` of LangChain4j, on methods that are not
/// private.
///
/// A tool may block: each call has a virtual thread of its own, which is interrupted when the call
/// has taken too long or nobody wants it any more. Calls of several sessions come at once. What it
/// throws is told to the model by its message. Nothing remembers that it ran: after a crash it may
/// be called again for the same turn.
///
/// In a native image the bean has to be registered for reflection, and so has what it takes and
/// gives as JSON.
public interface ToolBean {}
