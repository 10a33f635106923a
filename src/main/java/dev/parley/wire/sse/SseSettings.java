package dev.parley.wire.sse;

import java.time.Duration;

/// Bounds of the routes that answer with events.
///
/// @param keepAlive between two comments on an idle stream
/// @param bodyBytesMax of a request's body
public record SseSettings(Duration keepAlive, long bodyBytesMax) {}
