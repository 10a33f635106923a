package dev.parley.wire.call;

import dev.parley.content.Usage;
import dev.parley.session.Reply;
import dev.parley.store.SessionInfo;
import dev.parley.store.json.MessageJson;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Tickets;
import java.util.Objects;

/// What calls answer when they succeed.
public final class ReplyJson {
  private ReplyJson() {}

  static String session(SessionInfo info) {
    return new JsonFields()
        .text("id", info.key().toString())
        .text("userId", info.key().userId())
        .text("agentId", info.key().agentId())
        .text("threadId", info.key().threadId())
        .nullableText("title", info.title())
        .text("status", info.streaming() ? "streaming" : "idle")
        .nullableText("model", info.model())
        .raw("usage", usage(info.usage()))
        .text("createdAt", info.createdAt().toString())
        .text("lastActivityAt", info.lastActivityAt().toString())
        .text("incarnation", info.incarnation().value())
        .toString();
  }

  /// A session's or a turn's, in tokens.
  public static String usage(Usage usage) {
    return new JsonFields()
        .number("inputTokens", usage.inputTokens())
        .number("outputTokens", usage.outputTokens())
        .number("cacheReadTokens", usage.cacheReadTokens())
        .number("cacheCreationTokens", usage.cacheCreationTokens())
        .toString();
  }

  static String renewed(Caller caller) {
    return new JsonFields()
        .text("expiresAt", Objects.requireNonNull(caller.expiresAt()).toString())
        .toString();
  }

  /// A ticket that was issued.
  public static String ticket(Tickets.Ticket ticket) {
    return new JsonFields()
        .text("ticket", ticket.value())
        .text("expiresAt", ticket.expiresAt().toString())
        .toString();
  }

  static String deleted(boolean deleted) {
    return new JsonFields().flag("deleted", deleted).toString();
  }

  public static String reply(Reply reply) {
    return switch (reply) {
      case Reply.Done _ -> "null";
      case Reply.Started started ->
          duplicate(
                  new JsonFields()
                      .text("status", "started")
                      .text("messageId", started.messageId().value())
                      .text("turnId", started.turnId().value()),
                  started.duplicate())
              .toString();
      case Reply.Queued queued ->
          duplicate(
                  new JsonFields()
                      .text("status", "queued")
                      .text("messageId", queued.message().id().value())
                      .raw("queuedMessage", MessageJson.queued(queued.message())),
                  queued.duplicate())
              .toString();
      case Reply.Interrupted interrupted -> interrupted(interrupted);
      case Reply.Dequeued dequeued ->
          new JsonFields().flag("removed", dequeued.removed()).toString();
      case Reply.Acknowledged given ->
          new JsonFields().flag("acknowledged", given.acknowledged()).toString();
    };
  }

  private static JsonFields duplicate(JsonFields fields, boolean duplicate) {
    return duplicate ? fields.flag("duplicate", true) : fields;
  }

  private static String interrupted(Reply.Interrupted interrupted) {
    JsonFields fields = new JsonFields().flag("interrupted", interrupted.turnId() != null);
    if (interrupted.turnId() != null) {
      fields.text("turnId", interrupted.turnId().value());
    }
    if (interrupted.seq() != null) {
      fields.number("seq", interrupted.seq());
    }
    return fields.toString();
  }
}
