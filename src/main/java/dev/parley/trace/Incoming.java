package dev.parley.trace;

import dev.parley.log.Fields;
import org.jspecify.annotations.Nullable;

/// How and when a call came in.
///
/// @param about the connection, and the request where its client named it
/// @param upstream the trace its client says it is in; absent: none
/// @param nanos when it had arrived, as [System#nanoTime]
public record Incoming(Fields about, @Nullable Upstream upstream, long nanos) {}
