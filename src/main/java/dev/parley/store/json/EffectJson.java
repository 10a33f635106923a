package dev.parley.store.json;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;

/// The payloads of discrete effects: ids only, what they name is read when they are executed.
public final class EffectJson {
  private EffectJson() {}

  /// The finished message that a `call_webhook` is about.
  ///
  /// @throws UnreadableException when the payload names none
  public static MessageId messageId(JsonText payload) {
    return Json.read(payload.text(), node -> new MessageId(Json.text(node, "messageId")));
  }
}
