package dev.parley.bench.suite;

import dev.parley.bench.Deltas;
import dev.parley.bench.Server;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// The same load on a baseline: sockets at `/raw` or `/poll`, each of which asks for tokens once.
final class RawLoad {
  private static final int RAMP_SECONDS = 2;
  private static final int END_SECONDS_MAX = 300;

  private RawLoad() {}

  static TokenLoad.Saturated saturated(Subject subject, int sockets, int count) throws Exception {
    LongAdder chars = new LongAdder();
    LongAdder values = new LongAdder();
    Subject.Used before = subject.used();
    long begin = System.nanoTime();
    List<Future<Void>> ends = new ArrayList<>();
    for (int i = 0; i < sockets; i++) {
      ends.add(
          ask(
              subject.server(),
              "/raw",
              count + " 0",
              delta -> {
                chars.add(delta.length());
                values.increment();
              }));
    }
    Server.await(Future.all(ends), END_SECONDS_MAX);
    double seconds = (System.nanoTime() - begin) / 1e9;
    Subject.Used used = subject.used().since(before);
    if (chars.sum() != sockets * Deltas.charsOfCount(count)) {
      throw new IllegalStateException("the texts have " + chars + " characters");
    }
    return new TokenLoad.Saturated((long) sockets * count, values.sum(), seconds, used);
  }

  /// Gives what was added to each token, in nanoseconds.
  static Histogram paced(Subject subject, String path, int sockets, int rate, int seconds)
      throws Exception {
    Histogram added = new ConcurrentHistogram(3);
    long begin = System.nanoTime();
    long from = begin + TimeUnit.SECONDS.toNanos(RAMP_SECONDS);
    List<Future<Void>> ends = new ArrayList<>();
    for (int i = 0; i < sockets; i++) {
      TokenLoad.sleepUntil(
          begin + i * TimeUnit.SECONDS.toNanos(1) / sockets + TokenLoad.phase(i, rate));
      ends.add(
          ask(
              subject.server(),
              path,
              (RAMP_SECONDS + seconds) * rate + " " + rate,
              delta -> {
                long now = System.nanoTime();
                Deltas.stamps(
                    delta,
                    made -> {
                      if (made >= from) {
                        added.recordValue(Math.max(0, now - made));
                      }
                    });
              }));
    }
    Server.await(Future.all(ends), END_SECONDS_MAX);
    return added;
  }

  private static Future<Void> ask(
      Server server, String path, String request, Consumer<String> onDelta) {
    Promise<Void> end = Promise.promise();
    return server
        .sockets()
        .connect(server.port(), "127.0.0.1", path)
        .compose(socket -> {
          socket.textMessageHandler(message -> {
            Deltas.forEach(message, onDelta);
            if (message.startsWith("{\"_tag\":\"Exit\"")) {
              end.tryComplete();
            }
          });
          socket.closeHandler(_ -> end.tryFail("closed before its end"));
          return socket.writeTextMessage(request).compose(_ -> end.future());
        });
  }
}
