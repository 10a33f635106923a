package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;

/// A call or stream ended with a failure: what stood in its Exit.
public final class RpcFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient JsonNode cause;

  RpcFailure(JsonNode cause) {
    super(cause.toString());
    this.cause = cause;
  }

  /// The Exit's `cause`, an array.
  public JsonNode rpcCause() {
    return cause;
  }

  /// The typed error; a missing node when it is none.
  public JsonNode error() {
    return cause.path(0).path("error");
  }

  /// The `_tag` of the typed error; empty when it is none.
  public String errorTag() {
    return error().path("_tag").asText();
  }
}
