package dev.parley.wire.ui;

import dev.parley.content.ChatStreamEvent;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.store.json.ContentJson;
import dev.parley.wire.call.JsonFields;
import dev.parley.wire.call.ReplyJson;

/// The parts of the stream, as JSON. Frames have their names from them, so few differ.
final class UiParts {
  private UiParts() {}

  static String of(ChatStreamEvent event) {
    return switch (event) {
      case ChatStreamEvent.Finish finish ->
          part("finish")
              .text("finishReason", finish.finishReason().word())
              .raw("messageMetadata", "{\"usage\":" + ReplyJson.usage(finish.usage()) + "}")
              .toString();
      // The client takes an abort for the user's own wish.
      case ChatStreamEvent.Abort abort when new TurnOutcome.Interrupted(abort.reason()).isLoss() ->
          error("The node that answered was lost.");
      default -> ContentJson.event(event);
    };
  }

  static String error(String text) {
    return part("error").text("errorText", text).toString();
  }

  static String abort(String reason) {
    return part("abort").text("reason", reason).toString();
  }

  private static JsonFields part(String type) {
    return new JsonFields().text("type", type);
  }
}
