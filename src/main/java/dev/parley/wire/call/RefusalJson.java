package dev.parley.wire.call;

import dev.parley.session.Refusal;

/// Refusals as the typed errors every call declares, told apart by `_tag`.
public final class RefusalJson {
  private RefusalJson() {}

  public static String encode(Refusal refusal) {
    return switch (refusal) {
      case Refusal.SessionNotFound r ->
          error("ChatSessionNotFoundRpcError").text("sessionId", r.key().toString()).toString();
      case Refusal.SessionBusy r ->
          error("ChatSessionBusyRpcError").text("sessionId", r.key().toString()).toString();
      case Refusal.SessionExists r ->
          error("SessionExistsRpcError").text("sessionId", r.key().toString()).toString();
      case Refusal.InvalidRequest r ->
          error("InvalidRequestRpcError")
              .text("message", r.message())
              .optionalText("field", r.field())
              .toString();
      case Refusal.LimitExceeded r -> limitExceeded(r);
      case Refusal.NotAllowed r ->
          error("NotAllowedRpcError").text("message", r.message()).toString();
      case Refusal.Failed r ->
          error("ChatOperationRpcError")
              .text("message", r.message())
              .text("code", r.code().name())
              .flag("retryable", r.retryable())
              .toString();
    };
  }

  private static String limitExceeded(Refusal.LimitExceeded refusal) {
    JsonFields fields =
        error("LimitExceededRpcError")
            .text("limit", refusal.limit())
            .text("message", refusal.message());
    if (refusal.retryAfterMs() != null) {
      fields.number("retryAfterMs", refusal.retryAfterMs());
    }
    return fields.toString();
  }

  private static JsonFields error(String tag) {
    return new JsonFields().text("_tag", tag);
  }
}
