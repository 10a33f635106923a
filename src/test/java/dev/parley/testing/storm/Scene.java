package dev.parley.testing.storm;

import dev.parley.testing.ClientLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What the clients of one storm share: the sessions there are, what was sent to them, and what was
/// seen that must not be.
final class Scene {
  private static final int SESSIONS_MAX = 60;

  private final Application application;
  private final Traffic traffic;
  private final String userId;
  private final List<String> sessionIds = new CopyOnWriteArrayList<>();
  private final Set<String> created = ConcurrentHashMap.newKeySet();
  private final Map<String, List<Send>> sends = new ConcurrentHashMap<>();
  private final List<ClientLog> logs = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);

  Scene(Application application, Traffic traffic, String userId) {
    this.application = application;
    this.traffic = traffic;
    this.userId = userId;
  }

  Application application() {
    return application;
  }

  Traffic traffic() {
    return traffic;
  }

  List<String> sessionIds() {
    return sessionIds;
  }

  /// Names another session, until there are enough.
  void addSession() {
    if (sessionIds.size() < SESSIONS_MAX) {
      sessionIds.add(userId + ":demo:s" + sessionIds.size());
    }
  }

  /// Somebody was told that the session is there.
  void created(String sessionId) {
    created.add(sessionId);
  }

  boolean isCreated(String sessionId) {
    return created.contains(sessionId);
  }

  Set<String> created() {
    return created;
  }

  String anySession(Random random) {
    return sessionIds.get(random.nextInt(sessionIds.size()));
  }

  /// A log that is judged at the end.
  ClientLog log(String client, String sessionId) {
    ClientLog log = new ClientLog(client, sessionId);
    logs.add(log);
    return log;
  }

  List<ClientLog> logs() {
    return logs;
  }

  void sending(String sessionId, Send send) {
    sends.computeIfAbsent(sessionId, _ -> new CopyOnWriteArrayList<>()).add(send);
  }

  /// Something that anybody sent to the session; absent: nobody has yet.
  @Nullable Send anySend(String sessionId, Random random) {
    List<Send> sent = sends.getOrDefault(sessionId, List.of());
    return sent.isEmpty() ? null : sent.get(random.nextInt(sent.size()));
  }

  Map<String, List<Send>> sends() {
    return sends;
  }

  void violated(String what) {
    violations.add(what);
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  void end() {
    over.countDown();
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  /// A pause, unless the storm is over before.
  void pause(Duration length) throws InterruptedException {
    boolean _ = over.await(length.toNanos(), TimeUnit.NANOSECONDS);
  }
}
