package dev.parley.wire.call;

import dev.parley.actor.SessionHub;
import dev.parley.effect.EffectRunner;
import dev.parley.effect.watch.SessionWatches;
import dev.parley.loop.Ids;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.store.SessionReader;
import dev.parley.store.page.PageReader;
import dev.parley.trace.Incoming;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Standing;
import io.smallrye.mutiny.Uni;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The calls on sessions, carried out by hub, runner and reader.
public final class SessionCalls implements Calls, Sends {
  private final CallDecoder decoder;
  private final SessionHub hub;
  private final EffectRunner runner;
  private final SessionReader reader;
  private final PageReader pages;
  private final SessionWatches watches;
  private final Access access;

  /// @param contentBytesMax of one message in UTF-8, its parts included
  public SessionCalls(
      SessionHub hub,
      EffectRunner runner,
      SessionReader reader,
      PageReader pages,
      SessionWatches watches,
      Ids ids,
      int contentBytesMax,
      PageLimits limits,
      JsonLimits json,
      Access access) {
    this.decoder = new CallDecoder(ids, contentBytesMax, limits, json);
    this.hub = hub;
    this.runner = runner;
    this.reader = reader;
    this.pages = pages;
    this.watches = watches;
    this.access = access;
  }

  @Override
  public Answer call(Standing standing, String tag, @Nullable String payload, Incoming incoming) {
    Call call = decoder.decode(tag, payload);
    if (call instanceof Call.OfUser ofUser) {
      access.demand(standing.caller(), ofUser.userId());
    }
    return switch (call) {
      case null -> new Answer.Unknown();
      case Call.AuthRenew c ->
          new Answer.One(
              Objects.requireNonNullElse(standing.caller().userId(), "nobody"),
              standing.renew(c.token()).map(ReplyJson::renewed));
      case Call.SessionCreate c ->
          one(c.key(), hub.create(c.key(), c.title()).map(ReplyJson::session));
      case Call.SessionGet c -> one(c.key(), reader.info(c.key()).map(ReplyJson::session));
      case Call.SessionUpdate c ->
          one(c.key(), hub.rename(c.key(), c.title()).map(ReplyJson::session));
      case Call.SessionTouch c -> one(c.key(), hub.touch(c.key()).map(ReplyJson::session));
      case Call.SessionDelete c -> one(c.key(), hub.delete(c.key()).map(ReplyJson::deleted));
      case Call.ChatRegenerate c ->
          one(
              c.key(),
              hub.regenerate(
                      c.key(), c.messageId(), edit(c.content()), c.clientMessageId(), incoming)
                  .map(ReplyJson::reply));
      case Call.ChatSubscribe c ->
          new Answer.Many(
              c.key().toString(),
              runner
                  .subscribe(c.key(), c.afterSeq(), c.incarnation())
                  .map(delivery -> new Answer.Batch(delivery.values(), delivery.committedNanos())));
      case Call.ChatSend c -> one(c.key(), send(c, incoming).map(ReplyJson::reply));
      case Call.ChatInterrupt c ->
          one(c.key(), hub.interrupt(c.key(), c.turnId(), c.discard()).map(ReplyJson::reply));
      case Call.ChatDequeue c ->
          one(c.key(), hub.dequeue(c.key(), c.messageId()).map(ReplyJson::reply));
      case Call.ChatRespondToToolApproval c ->
          one(
              c.key(),
              hub.respond(c.key(), c.approvalId(), c.approved(), c.reason()).map(ReplyJson::reply));
      case Call.ChatGetState c -> one(c.key(), reader.stateJson(c.key()));
      case Call.ChatGetHistory c ->
          one(
              c.key(),
              pages
                  .history(c.key(), c.place(), c.limit())
                  .map(page -> PageJson.history(c.key(), page)));
      case Call.SessionListTurns c ->
          one(
              c.key(),
              pages
                  .turns(c.key(), c.after(), c.limit())
                  .map(page -> PageJson.turns(c.key(), page)));
      case Call.SessionList c ->
          new Answer.One(
              c.userId(),
              pages
                  .sessions(c.userId(), c.agentId(), c.after(), c.limit())
                  .map(PageJson::sessions));
      case Call.SessionWatch c ->
          new Answer.Many(
              c.userId(),
              watches
                  .watch(c.userId())
                  .map(changes ->
                      new Answer.Batch(changes.stream().map(PageJson::change).toList(), null)));
    };
  }

  private static Answer one(SessionKey key, Uni<String> json) {
    return new Answer.One(key.toString(), json);
  }

  @Override
  public Uni<Reply> send(Caller caller, String payload, Incoming incoming) {
    return Uni.createFrom()
        .deferred(() -> {
          if (decoder.decode("chat.send", payload) instanceof Call.ChatSend send) {
            access.demand(caller, send.userId());
            return send(send, incoming);
          }
          throw new IllegalStateException("chat.send is a send");
        });
  }

  private Uni<Reply> send(Call.ChatSend c, Incoming incoming) {
    return hub.send(c.key(), c.content(), c.parts(), c.clientMessageId(), c.whenBusy(), incoming);
  }

  private static SessionHub.@Nullable Edit edit(@Nullable String content) {
    return content == null ? null : new SessionHub.Edit(content, null);
  }
}
