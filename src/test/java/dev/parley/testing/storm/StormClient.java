package dev.parley.testing.storm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.Relay;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client: one connection at a time over a wire of its own, made again whenever it is lost; a
/// few sessions that it watches; and again and again something it does at random. On one thread.
final class StormClient implements Runnable {
  /// Longer than any call takes while all that is asked is up, outages and their time-outs
  /// included.
  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

  private static final Duration AWAY_MAX = Duration.ofMillis(200);
  private static final Duration PAUSE_MAX = Duration.ofMillis(200);
  private static final int WATCHES_MAX = 4;
  private static final int GUESTS_MAX = 2;

  private final String name;
  private final Scene scene;
  private final Random random;
  private final List<Watch> watches = new ArrayList<>();

  /// Subscriptions beside the watches, which end with their connection.
  private final Deque<Watch> guests = new ArrayDeque<>();

  private @Nullable Relay wire;
  private @Nullable RpcClient rpc;
  private int visits;

  StormClient(String name, Scene scene, Random random) {
    this.name = name;
    this.scene = scene;
    this.random = random;
    watch(scene.anySession(random));
  }

  @Override
  public void run() {
    try {
      while (!scene.isOver()) {
        if (rpc == null || rpc.closed().isDone()) {
          connect();
        } else {
          subscribe();
          List<Watch> there = watches.stream().filter(this::mayBeThere).toList();
          if (!there.isEmpty()) {
            Deeds.any(random).act(this, there.get(random.nextInt(there.size())));
          }
          scene.pause(Duration.ofNanos(random.nextLong(PAUSE_MAX.toNanos())));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      hangUp();
    }
  }

  String name() {
    return name;
  }

  Random random() {
    return random;
  }

  Scene scene() {
    return scene;
  }

  List<Watch> watches() {
    return watches;
  }

  /// The connection, which may be lost already.
  RpcClient rpc() {
    if (rpc == null) {
      throw new IllegalStateException("not connected");
    }
    return rpc;
  }

  Relay wire() {
    if (wire == null) {
      throw new IllegalStateException("not connected");
    }
    return wire;
  }

  /// Watches one more session, if there is room.
  void watch(String sessionId) {
    if (watches.size() < WATCHES_MAX
        && watches.stream().noneMatch(w -> w.sessionId().equals(sessionId))) {
      watches.add(new Watch(scene, name, sessionId));
    }
  }

  /// Another subscription to the same session on the same connection; the oldest makes room.
  Watch guest(String sessionId) {
    if (guests.size() == GUESTS_MAX) {
      guests.remove().leave();
    }
    Watch guest = new Watch(scene, name + " visit " + ++visits, sessionId);
    guests.add(guest);
    return guest;
  }

  /// Sends, at the same moment, and waits for the answers.
  void send(Watch watch, List<Send> sends) throws InterruptedException {
    List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
    for (Send send : sends) {
      scene.sending(watch.sessionId(), send);
      answers.add(rpc().call(send.tag(), send.payload(watch.sessionId())));
    }
    for (int i = 0; i < sends.size(); i++) {
      taken(watch, sends.get(i), answers.get(i));
    }
  }

  /// Calls about a watched session and waits for the answer, which goes to `then` when it is a
  /// success.
  void call(Watch watch, String tag, Consumer<ObjectNode> payload, Consumer<JsonNode> then)
      throws InterruptedException {
    ObjectNode object = RpcClient.object().put("sessionId", watch.sessionId());
    payload.accept(object);
    switch (outcome(watch.sessionId(), tag, rpc().call(tag, object))) {
      case Outcome.Success(JsonNode value) -> then.accept(value);
      case Outcome.Refused _, Outcome.Unknown _ -> {
        // Nothing is known that could be judged.
      }
    }
  }

  /// Goes without a word.
  void hangUp() {
    if (rpc != null) {
      rpc.cut();
      rpc.close();
    }
    if (wire != null) {
      wire.close();
    }
    guests.clear();
  }

  private void taken(Watch watch, Send send, CompletableFuture<JsonNode> answer)
      throws InterruptedException {
    String id = send.clientMessageId();
    watch.answered(
        switch (outcome(watch.sessionId(), send.tag(), answer)) {
          case Outcome.Success(JsonNode value) -> sent(id, value);
          case Outcome.Refused _ -> new Answer.Refused(id);
          case Outcome.Unknown _ -> new Answer.Unanswered(id);
        });
  }

  /// How a send was answered.
  static Answer.Sent sent(String clientMessageId, JsonNode reply) {
    return new Answer.Sent(
        clientMessageId, reply.path("messageId").asText(), reply.path("turnId").textValue());
  }

  private void connect() throws InterruptedException {
    hangUp();
    URI url = scene.application().url(AWAY_MAX);
    if (url == null) {
      return;
    }
    Relay relay = new Relay(url.getPort());
    wire = relay;
    try {
      rpc = RpcClient.connect(URI.create("ws://127.0.0.1:" + relay.port() + "/ws"));
    } catch (UncheckedIOException e) {
      // It was killed in this very moment.
      hangUp();
      scene.pause(AWAY_MAX);
    }
  }

  /// Sees to it that every watched session is there and is watched.
  private void subscribe() throws InterruptedException {
    for (Watch watch : watches) {
      if (!watch.isOpen() && isThere(watch.sessionId())) {
        watch.resume(rpc());
      }
    }
  }

  /// Nobody is sure of a session that comes and goes; of another somebody is, once it was created.
  private boolean mayBeThere(Watch watch) {
    return watch.isFleeting() || scene.isCreated(watch.sessionId());
  }

  private boolean isThere(String sessionId) throws InterruptedException {
    if (scene.isCreated(sessionId)) {
      return true;
    }
    boolean there =
        switch (outcome(
            sessionId, "session.create", rpc().call("session.create", key(sessionId)))) {
          case Outcome.Success _ -> true;
          case Outcome.Refused(Refusals why) -> why == Refusals.EXISTS;
          case Outcome.Unknown _ -> false;
        };
    if (there) {
      scene.created(sessionId);
    }
    return there;
  }

  /// What `session.create` wants for a session of this name.
  static ObjectNode key(String sessionId) {
    String[] parts = sessionId.split(":", -1);
    return RpcClient.object()
        .put("userId", parts[0])
        .put("agentId", parts[1])
        .put("threadId", parts[2]);
  }

  /// What came of a call.
  private sealed interface Outcome {
    record Success(JsonNode value) implements Outcome {}

    record Refused(Refusals why) implements Outcome {}

    record Unknown() implements Outcome {}
  }

  private Outcome outcome(String sessionId, String tag, CompletableFuture<JsonNode> answer)
      throws InterruptedException {
    try {
      return new Outcome.Success(answer.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      scene.violated("client " + name + ": " + tag + " was not answered in " + ANSWER_MAX);
      hangUp();
      return new Outcome.Unknown();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof RpcFailure told)) {
        return new Outcome.Unknown();
      }
      Refusals why = Refusals.of(tag, told);
      return switch (why) {
        case REFUSED, EXISTS -> new Outcome.Refused(why);
        case AWAY -> new Outcome.Unknown();
        case NOT_FOUND, WRONG -> {
          if (why == Refusals.NOT_FOUND && Scene.isFleeting(sessionId)) {
            scene.gone(sessionId);
          } else {
            scene.violated("client " + name + ": " + tag + " failed with " + told.rpcCause());
          }
          yield new Outcome.Unknown();
        }
      };
    }
  }
}
