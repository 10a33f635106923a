/// Server-sent events: a session's stream for a plain `EventSource` ([EventsRoute]), and one send
/// with the stream of its turn ([MessageStreamRoute]). [SseResponse] carries any such stream.
///
/// Events carry the `seq` of their frame as `id`, so that a browser that reconnects by itself goes
/// on where it was. Source: WHATWG HTML, server-sent events.
///
/// **Invariants**
/// - One write is under way at a time, and the next batch is asked for when it is done.
/// - While nothing is written a comment is, so that nobody on the way takes the stream for dead.
///
/// **Failure.** What goes wrong before the first event is an HTTP problem; afterwards it is told by
/// an event named `failure`, and the stream ends. A client that is gone ends its stream; turns go
/// on.
@NullMarked
package dev.parley.wire.sse;

import org.jspecify.annotations.NullMarked;
