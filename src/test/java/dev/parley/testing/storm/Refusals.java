package dev.parley.testing.storm;

import dev.parley.testing.RpcFailure;

/// What a failure that the server told says about the call.
enum Refusals {
  /// It was refused, and nothing of it happened.
  REFUSED,
  /// The server or its store is away; it may have happened.
  AWAY,
  /// The session is not there.
  NOT_FOUND,
  /// The session is there already.
  EXISTS,
  /// What no call of a storm deserves.
  WRONG;

  static Refusals of(String tag, RpcFailure failure) {
    return switch (failure.errorTag()) {
      // There is no message yet that could be answered again.
      case "InvalidRequestRpcError" -> tag.equals("chat.regenerate") ? REFUSED : WRONG;
      case "ChatSessionBusyRpcError", "LimitExceededRpcError" -> REFUSED;
      case "ChatSessionNotFoundRpcError" -> NOT_FOUND;
      case "SessionExistsRpcError" -> EXISTS;
      case "ChatOperationRpcError" ->
          switch (failure.error().path("code").asText()) {
            case "UNAVAILABLE", "DRAINING" -> AWAY;
            default -> WRONG;
          };
      default -> WRONG;
    };
  }
}
