package dev.parley.wire.call;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.Utf8;
import dev.parley.loop.Ids;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import org.jspecify.annotations.Nullable;

/// Reads a payload as the call its tag names.
final class CallDecoder {
  /// A line that lists show.
  private static final int TITLE_LENGTH_MAX = 512;

  private final Ids ids;
  private final int contentBytesMax;

  /// @param contentBytesMax of one message, its parts included
  CallDecoder(Ids ids, int contentBytesMax) {
    this.ids = ids;
    this.contentBytesMax = contentBytesMax;
  }

  /// @return absent for a tag that names no call
  /// @throws RefusedException with [Refusal.InvalidRequest] or [Refusal.LimitExceeded]
  @Nullable Call decode(String tag, @Nullable String json) {
    return switch (tag) {
      case "session.create" -> sessionCreate(Payload.parse(json));
      case "session.get" -> new Call.SessionGet(key(Payload.parse(json)));
      case "chat.subscribe" -> chatSubscribe(Payload.parse(json));
      case "chat.send" -> chatSend(Payload.parse(json));
      case "chat.interrupt" -> chatInterrupt(Payload.parse(json));
      case "chat.dequeue" -> chatDequeue(Payload.parse(json));
      case "chat.getState" -> new Call.ChatGetState(key(Payload.parse(json)));
      default -> null;
    };
  }

  private static SessionKey key(Payload payload) {
    return SessionKey.parse(payload.text("sessionId"));
  }

  private Call sessionCreate(Payload payload) {
    String userId = payload.text("userId");
    String agentId = payload.text("agentId");
    String threadId = payload.optionalText("threadId");
    String title = payload.optionalText("title");
    if (title != null && title.length() > TITLE_LENGTH_MAX) {
      throw Payload.wrong("title has more than " + TITLE_LENGTH_MAX + " characters", "title");
    }
    return new Call.SessionCreate(
        new SessionKey(userId, agentId, threadId == null ? ids.next() : threadId), title);
  }

  private static Call chatSubscribe(Payload payload) {
    return new Call.ChatSubscribe(
        key(payload), payload.optionalCount("afterSeq"), payload.optionalId("incarnation"));
  }

  private Call chatSend(Payload payload) {
    SessionKey key = key(payload);
    String content = payload.text("content");
    JsonText parts = payload.optionalObjects("parts");
    if (content.isEmpty() && parts == null) {
      throw Payload.wrong("content is empty", "content");
    }
    long bytes = Utf8.length(content) + (parts == null ? 0 : Utf8.length(parts.text()));
    if (bytes > contentBytesMax) {
      throw new RefusedException(
          new Refusal.LimitExceeded(
              "content", "A message has at most " + contentBytesMax + " bytes.", null));
    }
    String clientMessageId = payload.optionalText("clientMessageId");
    return new Call.ChatSend(
        key,
        content,
        parts,
        clientMessageId == null ? null : new ClientMessageId(clientMessageId),
        whenBusy(payload));
  }

  private static WhenBusy whenBusy(Payload payload) {
    return switch (payload.optionalText("whenBusy")) {
      case null -> WhenBusy.QUEUE;
      case "queue" -> WhenBusy.QUEUE;
      case "interrupt" -> WhenBusy.INTERRUPT;
      case "rollback" -> WhenBusy.ROLLBACK;
      case "reject" -> WhenBusy.REJECT;
      default ->
          throw Payload.wrong("whenBusy is none of queue, interrupt, rollback, reject", "whenBusy");
    };
  }

  private static Call chatInterrupt(Payload payload) {
    String turnId = payload.optionalId("turnId");
    return new Call.ChatInterrupt(
        key(payload), turnId == null ? null : new TurnId(turnId), payload.flag("discard"));
  }

  private static Call chatDequeue(Payload payload) {
    return new Call.ChatDequeue(key(payload), new MessageId(payload.id("messageId")));
  }
}
