package dev.parley.wire.thread;

import dev.parley.content.Usage;
import dev.parley.session.Refusal;
import dev.parley.wire.call.JsonFields;
import dev.parley.wire.call.RefusalJson;
import dev.parley.wire.call.ReplyJson;
import org.jspecify.annotations.Nullable;

/// Writes frames to a client, each a message of its own.
final class ThreadWriter {
  private ThreadWriter() {}

  static String token(String requestId, String value) {
    return frame("token", requestId).text("value", value).toString();
  }

  /// @param message the whole text
  static String last(
      String requestId, String message, @Nullable Long latencyMs, @Nullable Usage usage) {
    JsonFields fields = frame("final", requestId).text("message", message);
    if (latencyMs != null) {
      fields.number("latencyMs", latencyMs);
    }
    if (usage != null) {
      fields.raw("tokenUsage", ReplyJson.usage(usage));
    }
    return fields.toString();
  }

  static String cancelled(String requestId) {
    return frame("cancelled", requestId).toString();
  }

  static String error(@Nullable String requestId, String message, boolean retryable, String code) {
    return frame("error", requestId)
        .text("message", message)
        .flag("retryable", retryable)
        .text("code", code)
        .toString();
  }

  /// A request's end when its thread goes.
  static String deleted(String requestId) {
    return error(requestId, "The thread was deleted.", false, "SESSION_NOT_FOUND");
  }

  static String error(@Nullable String requestId, Refusal refusal) {
    return error(requestId, RefusalJson.detail(refusal), isRetryable(refusal), refusal.codeName());
  }

  private static boolean isRetryable(Refusal refusal) {
    return switch (refusal) {
      case Refusal.LimitExceeded limit -> limit.retryAfterMs() != null || isPassing(limit);
      case Refusal.SessionBusy _ -> true;
      case Refusal.Failed failed -> failed.retryable();
      case Refusal.SessionNotFound _,
          Refusal.SessionExists _,
          Refusal.InvalidRequest _,
          Refusal.NotAllowed _ ->
          false;
    };
  }

  /// What is too large stays so; what is too much may pass later.
  private static boolean isPassing(Refusal.LimitExceeded limit) {
    return !limit.limit().equals("content") && !limit.limit().equals("frame");
  }

  private static JsonFields frame(String type, @Nullable String requestId) {
    return new JsonFields().text("type", type).optionalText("requestId", requestId);
  }
}
