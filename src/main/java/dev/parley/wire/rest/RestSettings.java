package dev.parley.wire.rest;

/// @param bodyBytesMax of a request to REST: it is held in memory whole
/// @param requestBytesMax of any request; beyond, the HTTP server reads no further
public record RestSettings(int bodyBytesMax, long requestBytesMax) {}
