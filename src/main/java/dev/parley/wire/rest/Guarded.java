package dev.parley.wire.rest;

import java.util.List;

/// What is Parley's own, and not for everybody: all else is Quarkus's, and says nothing of any
/// session.
final class Guarded {
  static final List<String> PATHS = List.of("/api/*", "/ws");

  private Guarded() {}
}
