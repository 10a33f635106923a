package dev.parley.wire.thread;

import dev.parley.content.Utf8;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.wire.call.Payload;
import dev.parley.wire.turn.ChatNames;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads a client's frames. Never throws: what cannot be read is a frame that says so.
final class ThreadReader {
  private final SessionKey thread;
  private final ChatNames names;
  private final ThreadSettings settings;

  /// @param thread the socket's
  ThreadReader(SessionKey thread, ChatNames names, ThreadSettings settings) {
    this.thread = thread;
    this.names = names;
    this.settings = settings;
  }

  ThreadFrame read(byte[] frame) {
    if (frame.length > settings.frameBytesMax()) {
      return new ThreadFrame.Wrong(
          name(frame),
          new Refusal.LimitExceeded(
              "frame", "A frame has at most " + settings.frameBytesMax() + " bytes.", null));
    }
    String requestId = null;
    try {
      Payload payload =
          Payload.parse(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(frame)).toString());
      requestId = echo(payload);
      ClientMessageId id = requestId(payload);
      return switch (payload.text("type")) {
        case "message" -> message(payload, id);
        case "cancel" -> new ThreadFrame.Cancel(id);
        default -> throw Payload.wrong("type is none of message, cancel", "type");
      };
    } catch (CharacterCodingException e) {
      return new ThreadFrame.Wrong(
          null, new Refusal.InvalidRequest("The frame is not UTF-8.", null));
    } catch (RefusedException refused) {
      return new ThreadFrame.Wrong(requestId, refused.refusal());
    }
  }

  /// The request that a frame would have begun, whatever else is wrong with it. A cancel begins
  /// none, and what is told of one that is not carried out does not end its request.
  @Nullable String name(byte[] frame) {
    try {
      Payload payload = Payload.parse(new String(frame, StandardCharsets.UTF_8));
      return "cancel".equals(payload.optionalText("type")) ? null : echo(payload);
    } catch (RefusedException refused) {
      return null;
    }
  }

  /// What can be told back of a frame whose other fields are wrong.
  private static @Nullable String echo(Payload payload) {
    try {
      String id = payload.optionalText("requestId");
      return id == null || id.length() > ClientMessageId.LENGTH_MAX ? null : id;
    } catch (RefusedException noText) {
      return null;
    }
  }

  private static ClientMessageId requestId(Payload payload) {
    try {
      return new ClientMessageId(payload.text("requestId"));
    } catch (RefusedException refused) {
      throw Payload.wrong(
          "requestId is not 1 to "
              + ClientMessageId.LENGTH_MAX
              + " characters of printable ASCII without spaces",
          "requestId");
    }
  }

  private ThreadFrame message(Payload payload, ClientMessageId requestId) {
    String named = payload.optionalText("threadId");
    if (named != null && !names.key(named).equals(thread)) {
      throw Payload.wrong("threadId is not this socket's thread", "threadId");
    }
    String content = payload.text("content");
    if (content.isEmpty()) {
      throw Payload.wrong("content is empty", "content");
    }
    if (Utf8.length(content) > settings.contentBytesMax()) {
      throw new RefusedException(
          new Refusal.LimitExceeded(
              "content", "A message has at most " + settings.contentBytesMax() + " bytes.", null));
    }
    return new ThreadFrame.Message(requestId, content);
  }
}
