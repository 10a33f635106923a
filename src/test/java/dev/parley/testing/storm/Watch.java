package dev.parley.testing.storm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client's eye on one session, over as many subscriptions as it takes. What comes goes into a
/// log; a session that may be deleted and made again gets another log with each of its lives.
final class Watch {
  private static final long FUTURE = 1_000_000;

  private final Scene scene;
  private final String client;
  private final String sessionId;
  private final boolean fleeting;
  private volatile ClientLog log;
  private @Nullable Open open;
  private volatile @Nullable String turnId;
  private volatile @Nullable String waitingId;

  Watch(Scene scene, String client, String sessionId) {
    this.scene = scene;
    this.client = client;
    this.sessionId = sessionId;
    this.fleeting = Scene.isFleeting(sessionId);
    this.log = scene.log(client, sessionId);
  }

  ClientLog log() {
    return log;
  }

  String sessionId() {
    return sessionId;
  }

  /// Whether the session may be deleted.
  boolean isFleeting() {
    return fleeting;
  }

  /// The newest turn that was seen here.
  @Nullable String turnId() {
    return turnId;
  }

  /// The newest message that was seen to wait here.
  @Nullable String waitingId() {
    return waitingId;
  }

  boolean isOpen() {
    return open != null && open.isOpen();
  }

  /// Takes down what a call was answered. Nothing can be held against a session whose rows go.
  void answered(Answer answer) {
    if (!fleeting) {
      log.answered(answer);
    }
  }

  /// Goes on after what it has.
  void resume(RpcClient rpc) {
    subscribe(rpc, log.cursor());
  }

  /// Begins anew.
  void begin(RpcClient rpc) {
    subscribe(rpc, null);
  }

  /// Goes back to some frame and hears again what followed it.
  void goBack(RpcClient rpc, Random random) {
    Long cursor = log.cursor();
    subscribe(rpc, cursor == null ? null : Math.max(0, cursor - random.nextLong(300)));
  }

  /// Comes with a cursor that nobody can have: it must be given a new beginning.
  void intrude(RpcClient rpc, Random random) {
    leave();
    boolean stranger = random.nextBoolean();
    ObjectNode payload = RpcClient.object().put("sessionId", sessionId);
    payload.put("afterSeq", stranger ? 0 : FUTURE);
    if (stranger) {
      payload.put("incarnation", "another-life");
    }
    // What it is given is judged as a first subscription's.
    open = new Open(null, true);
    open.begin(rpc, payload);
  }

  /// Ends the subscription as clients do.
  void leave() {
    if (open != null) {
      open.leave();
      open = null;
    }
  }

  private void subscribe(RpcClient rpc, @Nullable Long afterSeq) {
    leave();
    ObjectNode payload = RpcClient.object().put("sessionId", sessionId);
    if (afterSeq != null) {
      payload.put("afterSeq", afterSeq).put("incarnation", log.incarnation());
    }
    open = new Open(afterSeq, false);
    open.begin(rpc, payload);
  }

  /// One subscription.
  private final class Open {
    private final boolean resumed;
    private final boolean mustReset;
    private ClientLog life = log;
    private Consumer<JsonNode> recorder;
    private RpcClient.@Nullable Stream stream;

    /// The client gave it up itself: how it ends says nothing then.
    private volatile boolean left;

    private volatile boolean deleted;

    Open(@Nullable Long afterSeq, boolean mustReset) {
      this.resumed = afterSeq != null;
      this.mustReset = mustReset;
      this.recorder = life.subscribing(afterSeq);
    }

    void begin(RpcClient rpc, ObjectNode payload) {
      stream = rpc.stream("chat.subscribe", payload, this::event);
      var _ =
          stream
              .end()
              .whenComplete((_, failure) -> {
                if (!left) {
                  ended(failure);
                }
              });
    }

    boolean isOpen() {
      return stream != null && !stream.end().isDone();
    }

    void leave() {
      left = true;
      if (stream != null) {
        stream.interrupt();
      }
    }

    private void event(JsonNode event) {
      String tag = event.path("_tag").asText();
      if (tag.equals("InitialState")) {
        if (mustReset && !event.path("reset").asBoolean()) {
          scene.violated(sessionId + ": an impossible cursor was honoured");
        }
        if (isOfAnotherLife(event)) {
          nextLife();
          recorder = life.subscribing(null);
        }
      }
      recorder.accept(event);
      scene.traffic().count();
      switch (tag) {
        case "SessionStarted" -> turnId = event.path("turnId").asText();
        case "MessageQueued" -> waitingId = event.path("message").path("id").asText();
        case "SessionDeleted" -> {
          deleted = true;
          nextLife();
        }
        default -> {}
      }
    }

    /// Whether it begins in another life than what was seen before; a cursor that was honoured does
    /// not.
    private boolean isOfAnotherLife(JsonNode initialState) {
      String known = life.incarnation();
      return fleeting
          && known != null
          && !known.equals(initialState.path("incarnation").asText())
          && (!resumed || initialState.path("reset").asBoolean());
    }

    private void nextLife() {
      life = scene.log(client, sessionId);
      log = life;
    }

    private void ended(@Nullable Throwable failure) {
      switch (failure) {
        case null -> {
          if (!deleted || !fleeting) {
            scene.violated(sessionId + ": a subscription ended by itself");
          }
        }
        case RpcFailure told -> {
          Refusals why = Refusals.of("chat.subscribe", told);
          if (why == Refusals.NOT_FOUND && fleeting) {
            scene.gone(sessionId);
          } else if (why != Refusals.AWAY) {
            scene.violated(sessionId + ": a subscription ended with " + told.rpcCause());
          }
        }
        default -> {
          // The connection is gone.
        }
      }
    }
  }
}
