package dev.parley.wire.rest;

import java.time.Duration;

/// @param bodyBytesMax of a request to REST: it is held in memory whole
/// @param bodyTimeout how long what nobody reads of any request may go on once it is answered
/// @param requestBytesMax of any request; beyond, the HTTP server reads no further
public record RestSettings(int bodyBytesMax, Duration bodyTimeout, long requestBytesMax) {}
