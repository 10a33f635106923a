package dev.parley.loop;

import java.util.UUID;

/// The source of new names. Every value is new for all nodes and for ever.
public interface Ids {

  /// A new ULID: 26 characters of `[0-9A-Z]`, sortable by time. Fits every id a client sees, a part
  /// of a session key included.
  ///
  /// Source: github.com/ulid/spec.
  String next();

  /// A new name for one commit.
  UUID commit();
}
