package dev.parley.trace;

import org.jspecify.annotations.Nullable;

/// The trace that a client says it is in.
///
/// @param traceparent as in W3C Trace Context, not read yet; of its length and version
public record Upstream(String traceparent, Relation relation) {
  private static final int LENGTH = 55;

  /// Of the one version there is; a later one may be read otherwise.
  private static final String VERSION = "00-";

  /// What it is to the traces of the messages that come with it.
  public enum Relation {
    /// It was said with the one request that they came in: they are part of it.
    PARENT,
    /// It was said once for a connection, which outlives it: they have traces of their own.
    LINK
  }

  /// Of a request over HTTP.
  ///
  /// @param header absent, or of another length or version: it says nothing
  public static @Nullable Upstream ofRequest(@Nullable String header) {
    return of(header, Relation.PARENT);
  }

  /// Of the request that became a socket.
  ///
  /// @param header as with [#ofRequest]
  public static @Nullable Upstream ofConnection(@Nullable String header) {
    return of(header, Relation.LINK);
  }

  private static @Nullable Upstream of(@Nullable String header, Relation relation) {
    return header == null || header.length() != LENGTH || !header.startsWith(VERSION)
        ? null
        : new Upstream(header, relation);
  }
}
