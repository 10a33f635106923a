package dev.parley.wire.rest;

/// @param demanded whether a caller has to say who he is
public record AuthSettings(boolean demanded) {}
