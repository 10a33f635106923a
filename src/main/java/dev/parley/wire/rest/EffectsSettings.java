package dev.parley.wire.rest;

import dev.parley.wire.call.PageLimits;

/// @param page effects that one list may have
public record EffectsSettings(PageLimits.Limit page) {}
