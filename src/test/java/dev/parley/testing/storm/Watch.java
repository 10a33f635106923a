package dev.parley.testing.storm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.ClientLog;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// One client's eye on one session, over as many subscriptions as it takes.
final class Watch {
  private static final long FUTURE = 1_000_000;

  private final Scene scene;
  private final ClientLog log;
  private @Nullable Open open;
  private volatile @Nullable String turnId;
  private volatile @Nullable String waitingId;

  private static final class Open {
    /// The client gave it up itself: how it ends says nothing then.
    private volatile boolean left;

    private RpcClient.@Nullable Stream stream;
  }

  Watch(Scene scene, ClientLog log) {
    this.scene = scene;
    this.log = log;
  }

  ClientLog log() {
    return log;
  }

  String sessionId() {
    return log.sessionId();
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
    return open != null && open.stream != null && !open.stream.end().isDone();
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
    ObjectNode payload = RpcClient.object().put("sessionId", sessionId());
    payload.put("afterSeq", stranger ? 0 : FUTURE);
    if (stranger) {
      payload.put("incarnation", "another-life");
    }
    // What it is given is judged as a first subscription's.
    subscribe(rpc, null, payload, true);
  }

  /// Ends the subscription as clients do.
  void leave() {
    if (open != null && open.stream != null) {
      open.left = true;
      open.stream.interrupt();
      open = null;
    }
  }

  private void subscribe(RpcClient rpc, @Nullable Long afterSeq) {
    leave();
    ObjectNode payload = RpcClient.object().put("sessionId", sessionId());
    if (afterSeq != null) {
      payload.put("afterSeq", afterSeq).put("incarnation", log.incarnation());
    }
    subscribe(rpc, afterSeq, payload, false);
  }

  private void subscribe(
      RpcClient rpc, @Nullable Long afterSeq, ObjectNode payload, boolean mustReset) {
    var recorder = log.subscribing(afterSeq);
    Open opening = new Open();
    RpcClient.Stream stream =
        rpc.stream(
            "chat.subscribe",
            payload,
            event -> {
              recorder.accept(event);
              note(event, mustReset);
              scene.traffic().count();
            });
    opening.stream = stream;
    open = opening;
    var _ =
        stream
            .end()
            .whenComplete((_, failure) -> {
              if (!opening.left) {
                ended(failure);
              }
            });
  }

  private void note(JsonNode event, boolean mustReset) {
    switch (event.path("_tag").asText()) {
      case "InitialState" -> {
        if (mustReset && !event.path("reset").asBoolean()) {
          scene.violated(sessionId() + ": an impossible cursor was honoured");
        }
      }
      case "SessionStarted" -> turnId = event.path("turnId").asText();
      case "MessageQueued" -> waitingId = event.path("message").path("id").asText();
      default -> {}
    }
  }

  private void ended(@Nullable Throwable failure) {
    switch (failure) {
      case null -> scene.violated(sessionId() + ": a subscription ended by itself");
      case RpcFailure told when Refusals.of("chat.subscribe", told) == Refusals.AWAY -> {}
      case RpcFailure told -> scene.violated(sessionId() + ": a subscription ended with " + told);
      default -> {
        // The connection is gone.
      }
    }
  }
}
