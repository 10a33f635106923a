package dev.parley.wire.ui;

import dev.parley.content.MessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.trace.Incoming;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.auth.Expiry;
import dev.parley.wire.call.Payload;
import dev.parley.wire.call.ReplyJson;
import dev.parley.wire.connection.HttpIncoming;
import dev.parley.wire.connection.RequestBytes;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.sse.SseResponse;
import dev.parley.wire.sse.SseSettings;
import dev.parley.wire.turn.ChatNames;
import dev.parley.wire.turn.TurnEnd;
import dev.parley.wire.turn.TurnFollower;
import dev.parley.wire.turn.TurnStreams;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The three addresses of the transport.
@Singleton
final class ChatRoute {
  private static final String PATH = "/api/chat";
  private static final int NO_CONTENT = 204;
  private static final int UNSUPPORTED_MEDIA_TYPE = 415;

  private final ChatDoor door;
  private final ChatNames names;
  private final Access access;
  private final TurnStreams streams;
  private final SseSettings settings;
  private final WireMetrics.Endpoint metrics;
  private final RequestBytes bytes;
  private final Vertx vertx;

  ChatRoute(
      ChatDoor door,
      ChatNames names,
      Access access,
      TurnStreams streams,
      SseSettings settings,
      WireMetrics metrics,
      RequestBytes bytes,
      Vertx vertx) {
    this.door = door;
    this.names = names;
    this.access = access;
    this.streams = streams;
    this.settings = settings;
    this.metrics = metrics.endpoint(PATH);
    this.bytes = bytes;
    this.vertx = vertx;
  }

  void register(@Observes Router router) {
    router.post(PATH).handler(this::post);
    router.get(PATH + "/:id/stream").handler(this::resume);
    router.post(PATH + "/:id/stop").handler(this::stop);
  }

  private void post(RoutingContext http) {
    if (!SseResponse.isJson(http)) {
      // a browser sends anything else to any site unasked
      http.fail(UNSUPPORTED_MEDIA_TYPE);
      return;
    }
    Executor context = SseResponse.executor(vertx);
    bytes.read(
        http, settings.bodyBytesMax(), body -> context.execute(() -> post(http, body, context)));
  }

  private void post(RoutingContext http, Buffer bytes, Executor context) {
    Incoming incoming = HttpIncoming.now(http.request());
    carryOut(
        http,
        context,
        () -> {
          ChatBody body = ChatBody.read(text(bytes));
          WhenBusy asked = ChatBody.whenBusy(http.request().getParam("whenBusy"));
          WhenBusy whenBusy =
              asked == null
                  ? Objects.requireNonNullElse(body.whenBusy(), WhenBusy.INTERRUPT)
                  : asked;
          SessionKey key = key(http, body.id());
          return door.post(key, body, whenBusy, incoming).map(reply -> new Posted(key, reply));
        },
        posted -> {
          switch (posted.reply()) {
            case Reply.Started started ->
                tell(
                    http,
                    posted.key(),
                    started.messageId(),
                    started.duplicate() ? null : started.turnId(),
                    context);
            case Reply.Queued queued ->
                tell(http, posted.key(), queued.message().id(), null, context);
            case Reply.Done _, Reply.Interrupted _, Reply.Dequeued _, Reply.Acknowledged _ ->
                throw new IllegalStateException("a post starts or waits");
          }
        });
  }

  private record Posted(SessionKey key, Reply reply) {}

  private static String text(Buffer bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw Payload.wrong("the body is not UTF-8", null);
    }
  }

  private void resume(RoutingContext http) {
    Executor context = SseResponse.executor(vertx);
    carryOut(
        http,
        context,
        () -> {
          SessionKey key = key(http);
          return door.running(key).map(turn -> new Running(key, turn.orElse(null)));
        },
        running -> {
          if (running.turn() == null) {
            http.response().setStatusCode(NO_CONTENT).end();
          } else {
            tell(
                http,
                running.key(),
                running.turn().message().id(),
                running.turn().turnId(),
                context);
          }
        });
  }

  private record Running(SessionKey key, SessionState.@Nullable RunningTurn turn) {}

  /// A body is read and means nothing.
  private void stop(RoutingContext http) {
    Executor context = SseResponse.executor(vertx);
    bytes.read(
        http,
        settings.bodyBytesMax(),
        _ ->
            carryOut(
                http,
                context,
                () -> door.stop(key(http)),
                reply ->
                    http.response()
                        .putHeader("content-type", "application/json")
                        .end(ReplyJson.reply(reply))));
  }

  private SessionKey key(RoutingContext http) {
    return key(http, Objects.requireNonNullElse(http.pathParam("id"), ""));
  }

  private SessionKey key(RoutingContext http, String id) {
    Caller caller = Callers.of(http);
    return access.demand(caller, names.of(caller).key(id));
  }

  /// @param then on the request's context, unless the client is gone
  private static <T> void carryOut(
      RoutingContext http, Executor context, Supplier<Uni<? extends T>> call, Consumer<T> then) {
    Uni.createFrom()
        .deferred(call)
        .subscribe()
        .with(
            item ->
                context.execute(() -> {
                  if (!http.response().closed()) {
                    then.accept(item);
                  }
                }),
            failure -> context.execute(() -> SseResponse.fail(http, failure)));
  }

  private void tell(
      RoutingContext http,
      SessionKey key,
      MessageId message,
      @Nullable TurnId turn,
      Executor context) {
    http.response().putHeader("x-vercel-ai-ui-message-stream", "v1");
    Following following = new Following();
    SseResponse response =
        SseResponse.begin(vertx, http, settings.keepAlive(), metrics, following::cancel);
    UiStream stream = new UiStream(response);
    following.start(streams.follow(key, message, turn, context, stream));
    Expiry.watch(
        vertx,
        http,
        () -> {
          following.cancel();
          stream.ended(new TurnEnd.Refused(Expiry.refusal().refusal()));
        });
  }

  /// What a response that is gone ends.
  private static final class Following {
    private @Nullable TurnFollower follower;

    void start(TurnFollower started) {
      follower = started;
      started.start();
    }

    void cancel() {
      if (follower != null) {
        follower.cancel();
      }
    }
  }
}
