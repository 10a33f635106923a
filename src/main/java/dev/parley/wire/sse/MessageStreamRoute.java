package dev.parley.wire.sse;

import dev.parley.content.MessageId;
import dev.parley.effect.Delivery;
import dev.parley.effect.EffectRunner;
import dev.parley.session.Frame;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.store.page.TurnPlace;
import dev.parley.store.page.TurnReader;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.call.ReplyJson;
import dev.parley.wire.call.RequestBody;
import dev.parley.wire.call.Sends;
import dev.parley.wire.connection.HttpIncoming;
import dev.parley.wire.connection.RequestBytes;
import dev.parley.wire.connection.WireMetrics;
import io.smallrye.mutiny.Multi;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `POST /api/sessions/{id}/messages` for who accepts `text/event-stream`: the send, and the
/// session's events from it to the end of its turn. Its answer comes first, as an event named
/// `accepted`. Everybody else's request is passed on.
@Singleton
final class MessageStreamRoute {
  private static final String PATH = "/api/sessions/:id/messages";

  /// What opens a turn before its answer does: `UserMessage` and `SessionStarted`.
  private static final int FRAMES_BEFORE_ANSWER = 2;

  private static final int UNSUPPORTED_MEDIA_TYPE = 415;

  private final Sends sends;
  private final EffectRunner runner;
  private final TurnReader turns;
  private final SseSettings settings;
  private final WireMetrics.Endpoint metrics;
  private final RequestBytes bytes;
  private final Vertx vertx;

  MessageStreamRoute(
      Sends sends,
      EffectRunner runner,
      TurnReader turns,
      SseSettings settings,
      WireMetrics metrics,
      RequestBytes bytes,
      Vertx vertx) {
    this.sends = sends;
    this.runner = runner;
    this.turns = turns;
    this.settings = settings;
    this.metrics = metrics.endpoint(PATH);
    this.bytes = bytes;
    this.vertx = vertx;
  }

  void register(@Observes Router router) {
    router.post(PATH).handler(this::serve);
  }

  private void serve(RoutingContext http) {
    String accept = http.request().getHeader("accept");
    if (accept == null || !accept.toLowerCase(Locale.ROOT).contains("text/event-stream")) {
      http.next();
    } else if (!SseResponse.isJson(http)) {
      // a browser sends anything else to any site unasked
      http.fail(UNSUPPORTED_MEDIA_TYPE);
    } else {
      Executor context = SseResponse.executor(vertx);
      bytes.read(
          http, settings.bodyBytesMax(), body -> context.execute(() -> send(http, body, context)));
    }
  }

  private void send(RoutingContext http, Buffer body, Executor context) {
    SessionKey key;
    String payload;
    try {
      key = SessionKey.parse(Objects.requireNonNullElse(http.pathParam("id"), ""));
      payload = RequestBody.payload(body.getBytes(), key.toString());
    } catch (RefusedException refused) {
      http.fail(refused);
      return;
    }
    sends
        .send(Callers.of(http), payload, HttpIncoming.now(http.request()))
        .flatMap(
            reply -> turns.turnOf(key, message(reply)).map(turn -> new Accepted(key, reply, turn)))
        .subscribe()
        .with(
            accepted -> context.execute(() -> tell(http, accepted)),
            failure -> context.execute(() -> SseResponse.fail(http, failure)));
  }

  /// @param turn absent: the message waits
  private record Accepted(SessionKey key, Reply reply, Optional<TurnPlace> turn) {}

  private static MessageId message(Reply reply) {
    return switch (reply) {
      case Reply.Started started -> started.messageId();
      case Reply.Queued queued -> queued.message().id();
      case Reply.Done _, Reply.Interrupted _, Reply.Dequeued _, Reply.Acknowledged _ ->
          throw new IllegalStateException("a send starts or waits");
    };
  }

  private void tell(RoutingContext http, Accepted accepted) {
    Optional<TurnPlace> turn = accepted.turn();
    Answered answered =
        new Answered(message(accepted.reply()), turn.map(TurnPlace::id).orElse(null));
    Multi<Delivery> events =
        runner.subscribe(
            accepted.key(),
            turn.map(place -> place.firstFrame() - 1 - FRAMES_BEFORE_ANSWER).orElse(null),
            null);
    new SessionEvents(
            vertx,
            http,
            settings,
            metrics,
            new SessionEvents.Plan(
                turn.isPresent(),
                SseResponse.named("accepted", ReplyJson.reply(accepted.reply())),
                answered::isLast,
                answered::isOver))
        .tell(events);
  }

  /// Whether the message's turn is over.
  private static final class Answered {
    private final MessageId message;
    private @Nullable TurnId turn;

    Answered(MessageId message, @Nullable TurnId turn) {
      this.message = message;
      this.turn = turn;
    }

    boolean isLast(Frame frame) {
      if (turn == null
          && frame instanceof Frame.SessionStarted started
          && started.messageId().equals(message)) {
        turn = started.turnId();
      }
      return switch (frame) {
        case Frame.SessionStopped stopped -> stopped.turnId().equals(turn);
        case Frame.MessageDequeued left ->
            left.reason() == Frame.DequeueReason.REMOVED && left.messageId().equals(message);
        case Frame.UserMessage _,
            Frame.SessionStarted _,
            Frame.StreamEvent _,
            Frame.MessagesDiscarded _,
            Frame.SessionRenamed _,
            Frame.SessionDeleted _,
            Frame.MessageQueued _ ->
            false;
      };
    }

    boolean isOver(SessionState.Present state) {
      boolean runs =
          state instanceof SessionState.Streaming(var _, var running)
              && running.message().id().equals(message);
      if (runs) {
        turn = ((SessionState.Streaming) state).turn().turnId();
      }
      return !runs && state.core().waiting(message) == null;
    }
  }
}
