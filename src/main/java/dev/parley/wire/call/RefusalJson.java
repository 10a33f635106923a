package dev.parley.wire.call;

import dev.parley.session.Refusal;

/// Refusals as the typed errors every call declares, told apart by `_tag`.
public final class RefusalJson {
  private RefusalJson() {}

  public static String encode(Refusal refusal) {
    return write(new JsonFields(), refusal).toString();
  }

  /// The name of the refusal's error.
  public static String tag(Refusal refusal) {
    return switch (refusal) {
      case Refusal.SessionNotFound _ -> "ChatSessionNotFoundRpcError";
      case Refusal.SessionBusy _ -> "ChatSessionBusyRpcError";
      case Refusal.SessionExists _ -> "SessionExistsRpcError";
      case Refusal.InvalidRequest _ -> "InvalidRequestRpcError";
      case Refusal.LimitExceeded _ -> "LimitExceededRpcError";
      case Refusal.NotAllowed _ -> "NotAllowedRpcError";
      case Refusal.Failed _ -> "ChatOperationRpcError";
    };
  }

  /// Adds the error's fields to an object, its `_tag` first.
  public static JsonFields write(JsonFields fields, Refusal refusal) {
    fields.text("_tag", tag(refusal));
    return switch (refusal) {
      case Refusal.SessionNotFound r -> fields.text("sessionId", r.key().toString());
      case Refusal.SessionBusy r -> fields.text("sessionId", r.key().toString());
      case Refusal.SessionExists r -> fields.text("sessionId", r.key().toString());
      case Refusal.InvalidRequest r ->
          fields.text("message", r.message()).optionalText("field", r.field());
      case Refusal.LimitExceeded r -> limitExceeded(fields, r);
      case Refusal.NotAllowed r -> fields.text("message", r.message());
      case Refusal.Failed r ->
          fields
              .text("message", r.message())
              .text("code", r.code().name())
              .flag("retryable", r.retryable());
    };
  }

  private static JsonFields limitExceeded(JsonFields fields, Refusal.LimitExceeded refusal) {
    fields.text("limit", refusal.limit()).text("message", refusal.message());
    return refusal.retryAfterMs() == null
        ? fields
        : fields.number("retryAfterMs", refusal.retryAfterMs());
  }

  /// The refusal in words.
  public static String detail(Refusal refusal) {
    return switch (refusal) {
      case Refusal.SessionNotFound r -> "There is no session " + r.key() + ".";
      case Refusal.SessionBusy r -> "A turn is running in session " + r.key() + ".";
      case Refusal.SessionExists r -> "Session " + r.key() + " exists already.";
      case Refusal.InvalidRequest r -> r.message();
      case Refusal.LimitExceeded r -> r.message();
      case Refusal.NotAllowed r -> r.message();
      case Refusal.Failed r -> r.message();
    };
  }
}
