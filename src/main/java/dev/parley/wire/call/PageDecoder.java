package dev.parley.wire.call;

import dev.parley.content.MessageId;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.page.HistoryPlace;
import dev.parley.wire.call.PageLimits.Limit;
import org.jspecify.annotations.Nullable;

/// Reads the payloads of what is listed: places and limits.
final class PageDecoder {
  private final PageLimits limits;

  PageDecoder(PageLimits limits) {
    this.limits = limits;
  }

  Call history(Payload payload) {
    SessionKey key = CallDecoder.key(payload);
    String after = payload.optionalId("afterMessageId");
    String before = payload.optionalId("beforeMessageId");
    // `true`, or how many.
    Long newest = payload.isFlag("last") ? null : payload.optionalCount("last");
    boolean fromEnd = newest != null || (payload.isFlag("last") && payload.flag("last"));
    if (after != null && before != null) {
      throw Payload.wrong("a page comes after a message or before one", "beforeMessageId");
    }
    if (fromEnd && (after != null || before != null)) {
      throw Payload.wrong("the newest messages come neither after one nor before one", "last");
    }
    if (newest != null && payload.has("limit")) {
      throw Payload.wrong("last says how many already", "limit");
    }
    return new Call.ChatGetHistory(
        key,
        place(after, before, fromEnd),
        newest == null
            ? limit(payload, limits.history())
            : checked(newest, "last", limits.history()));
  }

  private static HistoryPlace place(
      @Nullable String after, @Nullable String before, boolean fromEnd) {
    if (after != null) {
      return new HistoryPlace.After(new MessageId(after));
    }
    if (before != null) {
      return new HistoryPlace.Before(new MessageId(before));
    }
    return fromEnd ? new HistoryPlace.End() : new HistoryPlace.Beginning();
  }

  Call turns(Payload payload) {
    String after = payload.optionalId("after");
    return new Call.SessionListTurns(
        CallDecoder.key(payload),
        after == null ? null : new TurnId(after),
        limit(payload, limits.turns()));
  }

  Call sessions(Payload payload) {
    String agentId = payload.optionalText("agentId");
    return new Call.SessionList(
        userId(payload),
        agentId == null ? null : SessionKey.Part.AGENT_ID.checked(agentId),
        after(payload),
        limit(payload, limits.sessions()));
  }

  static Call watch(Payload payload) {
    return new Call.SessionWatch(userId(payload));
  }

  private static String userId(Payload payload) {
    return SessionKey.Part.USER_ID.checked(payload.text("userId"));
  }

  private static @Nullable SessionKey after(Payload payload) {
    String after = payload.optionalText("after");
    try {
      return after == null ? null : SessionKey.parse(after);
    } catch (RefusedException wrong) {
      throw Payload.wrong("after is no session's key", "after");
    }
  }

  private static int limit(Payload payload, Limit limit) {
    Long given = payload.optionalCount("limit");
    return given == null ? limit.normal() : checked(given, "limit", limit);
  }

  private static int checked(long count, String name, Limit limit) {
    if (count < 1 || count > limit.max()) {
      throw Payload.wrong(name + " is 1 to " + limit.max(), name);
    }
    return (int) count;
  }
}
