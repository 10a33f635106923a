package dev.parley.wire.sse;

import java.time.Duration;

/// @param keepAlive between two comments on an idle stream
public record SseSettings(Duration keepAlive) {}
