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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What the clients of one storm share: the sessions there are, what was sent to them, and what was
/// seen that must not be. Most sessions are there to stay; a few are deleted and made again.
final class Scene {
  private static final int SESSIONS_MAX = 60;
  private static final int FLEETING = 4;
  private static final String FLEETING_THREAD = ":f";

  private final Application application;
  private final Traffic traffic;
  private final String userId;
  private final List<String> sessionIds = new CopyOnWriteArrayList<>();
  private final Set<String> created = ConcurrentHashMap.newKeySet();
  private final Map<String, List<Send>> sends = new ConcurrentHashMap<>();
  private final List<ClientLog> logs = new CopyOnWriteArrayList<>();
  private final List<ClientLog> lives = new CopyOnWriteArrayList<>();
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

  /// The sessions that stay.
  List<String> sessionIds() {
    return sessionIds;
  }

  /// The sessions that come and go.
  List<String> fleetingIds() {
    return IntStream.range(0, FLEETING)
        .mapToObj(i -> userId + ":demo" + FLEETING_THREAD + i)
        .toList();
  }

  static boolean isFleeting(String sessionId) {
    return sessionId.contains(FLEETING_THREAD);
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

  /// Somebody was told that the session is not there any more.
  void gone(String sessionId) {
    created.remove(sessionId);
  }

  String anySession(Random random) {
    List<String> some = random.nextInt(4) == 0 ? fleetingIds() : sessionIds;
    return some.get(random.nextInt(some.size()));
  }

  /// A log that is judged at the end.
  ClientLog log(String client, String sessionId) {
    ClientLog log = new ClientLog(client, sessionId);
    (isFleeting(sessionId) ? lives : logs).add(log);
    return log;
  }

  /// What was seen of sessions that stay.
  List<ClientLog> logs() {
    return logs;
  }

  /// What was seen of the others, a log for each life.
  List<ClientLog> lives() {
    return lives;
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
