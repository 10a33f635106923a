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

  /// A sentence or two, for a model to read.
  private static final int REASON_LENGTH_MAX = 2000;

  private final Ids ids;
  private final int contentBytesMax;
  private final PageDecoder pages;
  private final JsonLimits json;

  /// @param contentBytesMax of one message, its parts included
  CallDecoder(Ids ids, int contentBytesMax, PageLimits limits, JsonLimits json) {
    this.ids = ids;
    this.contentBytesMax = contentBytesMax;
    this.pages = new PageDecoder(limits);
    this.json = json;
  }

  /// @return absent for a tag that names no call
  /// @throws RefusedException with [Refusal.InvalidRequest] or [Refusal.LimitExceeded]
  @Nullable Call decode(String tag, @Nullable String payload) {
    return switch (tag) {
      case "auth.renew" -> new Call.AuthRenew(payload(payload).text("token"));
      case "session.create" -> sessionCreate(payload(payload));
      case "session.get" -> new Call.SessionGet(key(payload(payload)));
      case "session.update" -> sessionUpdate(payload(payload));
      case "session.touch" -> new Call.SessionTouch(key(payload(payload)));
      case "session.delete" -> new Call.SessionDelete(key(payload(payload)));
      case "chat.regenerate" -> chatRegenerate(payload(payload));
      case "chat.subscribe" -> chatSubscribe(payload(payload));
      case "chat.send" -> chatSend(payload(payload));
      case "chat.interrupt" -> chatInterrupt(payload(payload));
      case "chat.dequeue" -> chatDequeue(payload(payload));
      case "chat.respondToToolApproval" -> chatRespondToToolApproval(payload(payload));
      case "chat.getState" -> new Call.ChatGetState(key(payload(payload)));
      case "chat.getHistory" -> pages.history(payload(payload));
      case "session.listTurns" -> pages.turns(payload(payload));
      case "session.list" -> pages.sessions(payload(payload));
      case "session.watch" -> PageDecoder.watch(payload(payload));
      default -> null;
    };
  }

  private Payload payload(@Nullable String text) {
    return Payload.parse(text, json);
  }

  static SessionKey key(Payload payload) {
    return SessionKey.parse(payload.text("sessionId"));
  }

  private Call sessionCreate(Payload payload) {
    String userId = payload.text("userId");
    String agentId = payload.text("agentId");
    String threadId = payload.optionalText("threadId");
    String title = payload.optionalText("title");
    return new Call.SessionCreate(
        new SessionKey(userId, agentId, threadId == null ? ids.next() : threadId),
        title == null ? null : checkedTitle(title));
  }

  private static Call sessionUpdate(Payload payload) {
    SessionKey key = key(payload);
    return new Call.SessionUpdate(key, checkedTitle(payload.text("title")));
  }

  private static String checkedTitle(String title) {
    if (title.length() > TITLE_LENGTH_MAX) {
      throw Payload.wrong("title has more than " + TITLE_LENGTH_MAX + " characters", "title");
    }
    return title;
  }

  private Call chatRegenerate(Payload payload) {
    SessionKey key = key(payload);
    String messageId = payload.optionalId("messageId");
    String content = payload.optionalText("content");
    if (content != null) {
      if (content.isEmpty()) {
        throw Payload.wrong("content is empty", "content");
      }
      checkSize(Utf8.length(content));
    }
    return new Call.ChatRegenerate(
        key,
        messageId == null ? null : new MessageId(messageId),
        content,
        clientMessageId(payload));
  }

  private void checkSize(long bytes) {
    if (bytes > contentBytesMax) {
      throw new RefusedException(
          new Refusal.LimitExceeded(
              "content", "A message has at most " + contentBytesMax + " bytes.", null));
    }
  }

  private static @Nullable ClientMessageId clientMessageId(Payload payload) {
    String id = payload.optionalText("clientMessageId");
    return id == null ? null : new ClientMessageId(id);
  }

  private static Call chatSubscribe(Payload payload) {
    return new Call.ChatSubscribe(
        key(payload), payload.optionalCount("afterSeq"), payload.optionalId("incarnation"));
  }

  private Call chatSend(Payload payload) {
    SessionKey key = key(payload);
    String content = payload.text("content");
    JsonText parts = payload.optionalParts("parts");
    if (content.isEmpty() && parts == null) {
      throw Payload.wrong("content is empty", "content");
    }
    checkSize(Utf8.length(content) + (parts == null ? 0 : Utf8.length(parts.text())));
    return new Call.ChatSend(key, content, parts, clientMessageId(payload), whenBusy(payload));
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

  private static Call chatRespondToToolApproval(Payload payload) {
    SessionKey key = key(payload);
    String approvalId = payload.id("approvalId");
    if (!payload.has("approved")) {
      throw Payload.wrong("approved is missing", "approved");
    }
    String reason = payload.optionalText("reason");
    if (reason != null && reason.length() > REASON_LENGTH_MAX) {
      throw Payload.wrong("reason has more than " + REASON_LENGTH_MAX + " characters", "reason");
    }
    return new Call.ChatRespondToToolApproval(key, approvalId, payload.flag("approved"), reason);
  }
}
