package dev.parley.bench.suite;

import dev.parley.bench.BareCommit;
import dev.parley.bench.Deltas;
import dev.parley.bench.Server;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.Tables;
import io.vertx.core.Future;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// Sessions that stream, each to one client.
///
/// The demo agent's `/stamp` writes the time at which it made a token into the token; processes of
/// one machine share that clock. The agent's schedule waits for nothing, so there is no coordinated
/// omission: a late token is counted from when it was made.
final class TokenLoad {
  /// What is not counted: sessions begin in it, spread evenly.
  private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

  private static final int RAMP_SECONDS = 2;

  private static final int TAIL_SECONDS = 1;
  static final int END_SECONDS_MAX = 300;

  private TokenLoad() {}

  /// What came of a run at a rate.
  ///
  /// @param added from when the agent made a token until its client had it, nanoseconds
  /// @param first from sending a message until the client had its first token, nanoseconds
  /// @param bare one bare single-row commit after the other, beside the load, nanoseconds
  /// @param tokens in the counted time
  /// @param used in the counted time
  record Paced(Histogram added, Histogram first, Histogram bare, long tokens, Subject.Used used) {}

  /// What came of a run as fast as possible.
  ///
  /// @param values in which the tokens came to their clients
  record Saturated(long tokens, long values, double seconds, Subject.Used used) {
    double perSecond() {
      return tokens / seconds;
    }

    double perCpuSecond() {
      return tokens / used.serverCpu();
    }
  }

  /// @param rate tokens per second of each session
  /// @param seconds that are counted
  static Paced paced(Subject subject, String user, int sessions, int rate, int seconds)
      throws Exception {
    return paced(subject, user, "demo", sessions, rate, seconds);
  }

  /// @param agent who answers `/stamp`: the demo agent, or a model that says as much
  static Paced paced(
      Subject subject, String user, String agent, int sessions, int rate, int seconds)
      throws Exception {
    Server server = subject.server();
    Histogram added = new ConcurrentHistogram(3);
    Histogram first = new ConcurrentHistogram(3);
    LongAdder tokens = new LongAdder();
    long[] window = {Long.MAX_VALUE, Long.MAX_VALUE};
    List<Chat> chats =
        Chat.openAll(
            server,
            keys(server, user, agent, sessions),
            (chunk, now) ->
                Deltas.forEach(
                    chunk,
                    delta ->
                        Deltas.stamps(
                            delta,
                            made -> {
                              if (made >= window[0] && made < window[1]) {
                                added.recordValue(Math.max(0, now - made));
                                tokens.increment();
                              }
                            })));
    String message = "/stamp " + (RAMP_SECONDS + seconds + TAIL_SECONDS) * rate + " " + rate;
    try (BareCommit bare = server.bareCommit()) {
      long begin = System.nanoTime();
      window[0] = begin + TimeUnit.SECONDS.toNanos(RAMP_SECONDS);
      window[1] = window[0] + TimeUnit.SECONDS.toNanos(seconds);
      List<Future<Void>> ends = new ArrayList<>();
      for (int i = 0; i < sessions; i++) {
        sleepUntil(begin + i * TimeUnit.SECONDS.toNanos(1) / sessions + phase(i, rate));
        ends.add(chats.get(i).send(message));
      }
      sleepUntil(window[0]);
      Subject.Used before = subject.used();
      bare.start();
      sleepUntil(window[1]);
      Subject.Used used = subject.used().since(before);
      Histogram cost = bare.stop();
      Server.await(Future.all(ends), END_SECONDS_MAX);
      long due = (long) sessions * rate * seconds;
      if (tokens.sum() < due * 9 / 10) {
        throw new IllegalStateException("received " + tokens + " of " + due);
      }
      chats.forEach(chat -> first.recordValue(chat.toFirstTokenNanos()));
      check(server, chats);
      return new Paced(added, first, cost, tokens.sum(), used);
    }
  }

  static Saturated saturated(Subject subject, String user, int sessions, int count)
      throws Exception {
    Server server = subject.server();
    List<Chat> chats = Chat.openAll(server, keys(server, user, "demo", sessions), (_, _) -> {});
    Subject.Used before = subject.used();
    long begin = System.nanoTime();
    Server.await(
        Future.all(chats.stream().map(chat -> chat.send("/count " + count + " 0")).toList()),
        END_SECONDS_MAX);
    double seconds = (System.nanoTime() - begin) / 1e9;
    Subject.Used used = subject.used().since(before);
    long chars = Deltas.charsOfCount(count);
    for (Chat chat : chats) {
      if (chat.chars() != chars) {
        throw new IllegalStateException("a text has " + chat.chars() + " of " + chars);
      }
    }
    long values = chats.stream().mapToLong(Chat::values).sum();
    check(server, chats);
    return new Saturated((long) sessions * count, values, seconds, used);
  }

  private static List<String> keys(Server server, String user, String agent, int sessions) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      keys.add(server.key(user, agent, i));
    }
    return keys;
  }

  /// Holds what the clients were told against what is stored, and closes them.
  static void check(Server server, List<Chat> chats) throws Exception {
    Server.await(Future.all(chats.stream().map(Chat::close).toList()));
    hold(server, chats);
  }

  /// Holds what the clients were told against what is stored.
  static void hold(Server server, List<Chat> chats) throws Exception {
    try (Connection connection = server.connect()) {
      for (Chat chat : chats) {
        ClientLog log = chat.log();
        List<String> wrong =
            Checker.check(Tables.read(connection, List.of(chat.key())), List.of(log));
        if (!wrong.isEmpty()) {
          throw new IllegalStateException(String.join("\n", wrong));
        }
      }
    }
  }

  /// A part of the time between two of what comes `rate` times a second, another for each number
  /// and evenly spread: clients know nothing of one another, and without it whatever they do would
  /// come in bursts.
  static long phase(int number, int rate) {
    double turns = number * GOLDEN_RATIO;
    return (long) ((turns - Math.floor(turns)) * TimeUnit.SECONDS.toNanos(1) / rate);
  }

  static void sleepUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
