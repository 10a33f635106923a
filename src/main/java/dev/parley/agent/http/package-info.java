/// The way out to model providers: what the library's models speak through, over the HTTP client of
/// Vert.x. The formats are the library's, the transport is Parley's own.
///
/// **Invariants**
/// - An exchange that is closed is over at once: its connection is cut, before the first byte of an
///   answer as well as in the middle of one, and nothing of it is told afterwards.
/// - Nothing is read from a provider that nobody wants: what is held is one read's events.
/// - Everything of one exchange happens on the context that it was begun on.
///
/// **Failure.** What goes wrong is told to the library's listener once, and from there to the
/// model's handler, as a [dev.parley.agent.llm.ProviderFailure].
@NullMarked
package dev.parley.agent.http;

import org.jspecify.annotations.NullMarked;
