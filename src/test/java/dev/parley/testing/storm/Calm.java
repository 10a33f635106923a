package dev.parley.testing.storm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ClientLog.Answer;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/// After the storm: whoever got no answer asks again, every turn ends, every queue empties, and
/// every client hears the rest. Nothing breaks any more, so what does not come to rest is stuck.
final class Calm {
  /// A full queue of the longest turns takes a third of it.
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final Duration POLL = Duration.ofMillis(100);

  private final Scene scene;
  private final List<StormClient> clients;
  private final URI url;

  Calm(Scene scene, List<StormClient> clients) throws InterruptedException {
    this.scene = scene;
    this.clients = clients;
    this.url = Objects.requireNonNull(scene.application().url(LIMIT), "the application is away");
  }

  void settle() throws InterruptedException {
    Map<String, Long> heads = new ConcurrentHashMap<>();
    List<Callable<@Nullable Void>> tasks = new ArrayList<>();
    for (String sessionId : scene.sessionIds()) {
      tasks.add(() -> {
        heads.put(sessionId, settle(sessionId));
        return null;
      });
    }
    for (String sessionId : scene.fleetingIds()) {
      tasks.add(() -> {
        delete(sessionId);
        return null;
      });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<@Nullable Void> settled : threads.invokeAll(tasks)) {
        if (settled.state() == Future.State.FAILED) {
          throw new AssertionError("a session does not settle", settled.exceptionNow());
        }
      }
    }
    for (StormClient client : clients) {
      try (RpcClient rpc = RpcClient.connect(url)) {
        List<Watch> watches =
            client.watches().stream().filter(watch -> !watch.isFleeting()).toList();
        watches.forEach(watch -> watch.resume(rpc));
        for (Watch watch : watches) {
          long head = heads.getOrDefault(watch.sessionId(), 0L);
          watch
              .log()
              .await(
                  () -> Objects.equals(watch.log().cursor(), head),
                  LIMIT,
                  "the last frame " + head);
          watch.leave();
        }
      }
    }
  }

  /// Gives the session's last frame.
  private long settle(String sessionId) {
    try (RpcClient rpc = RpcClient.connect(url)) {
      create(rpc, sessionId);
      unanswered(sessionId).forEach(id -> sendUntilAnswered(rpc, sessionId, id));
      return awaitRest(rpc, sessionId);
    }
  }

  private void create(RpcClient rpc, String sessionId) {
    try {
      var _ = get(rpc, "session.create", StormClient.key(sessionId));
    } catch (RpcFailure failure) {
      if (Refusals.of("session.create", failure) != Refusals.EXISTS) {
        throw failure;
      }
    }
  }

  private void delete(String sessionId) {
    JsonNode request = RpcClient.object().put("sessionId", sessionId);
    try (RpcClient rpc = RpcClient.connect(url)) {
      var _ = get(rpc, "session.delete", request);
      var _ = get(rpc, "session.get", request);
      scene.violated(sessionId + " is there after it was deleted");
    } catch (RpcFailure failure) {
      if (Refusals.of("session.get", failure) != Refusals.NOT_FOUND) {
        throw failure;
      }
    }
  }

  /// The sends of which nobody knows whether they happened.
  private Set<String> unanswered(String sessionId) {
    Set<String> unanswered = new HashSet<>();
    Set<String> sent = new HashSet<>();
    for (ClientLog log : scene.logs()) {
      if (log.sessionId().equals(sessionId)) {
        for (Answer answer : log.answers()) {
          switch (answer) {
            case Answer.Unanswered(String id) -> unanswered.add(id);
            case Answer.Sent(String id, String _, var _) -> sent.add(id);
            case Answer.Refused _, Answer.Interrupted _, Answer.Removed _, Answer.State _ -> {}
          }
        }
      }
    }
    unanswered.removeAll(sent);
    return unanswered;
  }

  private void sendUntilAnswered(RpcClient rpc, String sessionId, String clientMessageId) {
    Send send =
        scene.sends().getOrDefault(sessionId, List.of()).stream()
            .filter(s -> s.clientMessageId().equals(clientMessageId))
            .findFirst()
            .orElseThrow();
    ClientLog log = scene.log("calm", sessionId);
    try {
      Awaitility.await()
          .pollInterval(POLL)
          .atMost(LIMIT)
          .until(() -> {
            try {
              JsonNode reply = get(rpc, send.tag(), send.payload(sessionId));
              log.answered(StormClient.sent(clientMessageId, reply));
              return true;
            } catch (RpcFailure failure) {
              if (Refusals.of(send.tag(), failure) != Refusals.REFUSED) {
                throw failure;
              }
              // The queue is full, or a turn runs and the send insists on none. Or there is nothing
              // to answer again, and there never will be.
              interrupt(rpc, log);
              return send.tag().equals("chat.regenerate");
            }
          });
    } catch (ConditionTimeoutException e) {
      scene.violated(sessionId + ": the send " + clientMessageId + " is refused in calm, too");
    }
  }

  /// Makes room: hundreds of turns may stand in the way, and each would take its time.
  private void interrupt(RpcClient rpc, ClientLog log) {
    JsonNode answer =
        get(rpc, "chat.interrupt", RpcClient.object().put("sessionId", log.sessionId()));
    if (answer.path("interrupted").asBoolean()) {
      log.answered(
          new Answer.Interrupted(answer.path("turnId").asText(), answer.path("seq").asLong()));
    }
  }

  /// Gives the session's last frame.
  private long awaitRest(RpcClient rpc, String sessionId) {
    JsonNode request = RpcClient.object().put("sessionId", sessionId);
    try {
      Awaitility.await()
          .pollInterval(POLL)
          .atMost(LIMIT)
          .until(() -> isAtRest(get(rpc, "chat.getState", request)));
    } catch (ConditionTimeoutException e) {
      scene.violated(sessionId + " is stuck: " + get(rpc, "chat.getState", request).path("status"));
    }
    return get(rpc, "chat.getState", request).path("seq").asLong();
  }

  private static boolean isAtRest(JsonNode state) {
    return state.path("status").asText().equals("idle") && state.path("queue").isEmpty();
  }

  private static JsonNode get(RpcClient rpc, String tag, JsonNode payload) {
    try {
      return rpc.call(tag, payload).orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RpcFailure failure) {
        throw failure;
      }
      throw e;
    }
  }
}
