package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// How soon an interrupt is answered, and how soon the stream has stopped at the client, while many
/// sessions stream. Interrupts come on a schedule, one session after the other, whether or not the
/// ones before are done; a session that was interrupted streams again at once.
public final class InterruptFigures {
  private static final int TOKENS_PER_SECOND = 50;
  private static final String MESSAGE = "/count 1000000 " + TOKENS_PER_SECOND;

  private final Histogram answered = new ConcurrentHistogram(3);
  private final Histogram stopped = new ConcurrentHistogram(3);
  private final Histogram both = new ConcurrentHistogram(3);
  private final AtomicInteger late = new AtomicInteger();

  /// Arguments of its own: sessions, interrupts, interrupts per second.
  public static void main(String[] args) throws Exception {
    int[] numbers = Server.numbers(args, 100, 1000, 20);
    try (Server server = new Server(args)) {
      new InterruptFigures().run(server, numbers[0], numbers[1], numbers[2]);
    }
  }

  private void run(Server server, int sessions, int interrupts, int perSecond) throws Exception {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      keys.add(server.key("int", i));
    }
    List<BenchClient> clients = server.clients(keys);
    List<Chat> chats = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      Chat chat = new Chat(clients.get(i), keys.get(i));
      Server.await(chat.begin());
      chats.add(chat);
    }
    // The code must be compiled before it is measured.
    interrupt(chats, sessions * 2, perSecond);
    answered.reset();
    stopped.reset();
    both.reset();
    Server.sayWhetherItIsQuiet();
    try (BareCommit bare = server.bareCommit()) {
      bare.start();
      interrupt(chats, interrupts, perSecond);
      Histogram cost = bare.stop();
      System.out.printf(
          "%d interrupts, %d/s, at %d sessions × %d tokens/s; bare commit p50 %s, p99 %s;"
              + " deltas of a stopped turn: %d%n%n",
          both.getTotalCount(),
          perSecond,
          sessions,
          TOKENS_PER_SECOND,
          Server.ms(cost, 50),
          Server.ms(cost, 99),
          late.get());
    }
    System.out.println("| from the call to | p50 | p99 | max |");
    System.out.println("|---|---|---|---|");
    row("its answer", answered);
    row("`SessionStopped`", stopped);
    row("both", both);
  }

  private static void row(String what, Histogram histogram) {
    System.out.printf(
        "| %s | %s | %s | %s |%n",
        what, Server.ms(histogram, 50), Server.ms(histogram, 99), Server.ms(histogram, 100));
  }

  private static void interrupt(List<Chat> chats, int count, int perSecond) throws Exception {
    long begin = System.nanoTime();
    List<Future<Void>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long due = begin + i * 1_000_000_000L / perSecond;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      running.add(chats.get(i % chats.size()).interrupt());
    }
    Server.await(Future.all(running));
  }

  /// One session that streams, and its client. On the client's event loop.
  private final class Chat {
    private final BenchClient client;
    private final String key;
    private final Promise<Void> subscribed = Promise.promise();
    private Promise<Void> started = Promise.promise();
    private Promise<Void> stop = Promise.promise();
    private boolean running;

    Chat(BenchClient client, String key) {
      this.client = client;
      this.key = key;
    }

    Future<Void> begin() {
      return client
          .subscribe(BenchClient.session(key), this::received)
          // A turn that starts before the state is read is told of in it, and not by a frame.
          .compose(_ -> subscribed.future())
          .compose(_ -> client.send(key, MESSAGE))
          .compose(_ -> started.future());
    }

    /// Done when the session streams again.
    Future<Void> interrupt() {
      Promise<Void> again = Promise.promise();
      // A turn that is only starting, if the one before took long, is waited for.
      client.onLoop(() ->
          started
              .future()
              .onComplete(_ -> {
                Promise<Void> stopping = Promise.promise();
                stop = stopping;
                long begin = System.nanoTime();
                Future<Long> answer =
                    client
                        .call("chat.interrupt", BenchClient.session(key))
                        .map(_ -> record(answered, begin));
                Future<Long> end = stopping.future().map(_ -> record(stopped, begin));
                started = Promise.promise();
                Future.all(answer, end)
                    .compose(_ -> {
                      both.recordValue(Math.max(answer.result(), end.result()));
                      return client.send(key, MESSAGE);
                    })
                    .compose(_ -> started.future())
                    .onComplete(again);
              }));
      return again.future();
    }

    private static long record(Histogram histogram, long begin) {
      long nanos = System.nanoTime() - begin;
      histogram.recordValue(nanos);
      return nanos;
    }

    private void received(String chunk) {
      subscribed.tryComplete();
      if (!running && Deltas.chars(chunk) > 0 && !chunk.contains("\"SessionStarted\"")) {
        late.incrementAndGet();
      }
      if (chunk.contains("\"SessionStopped\"")) {
        running = false;
        stop.tryComplete();
      }
      if (chunk.contains("\"SessionStarted\"")) {
        running = true;
        started.tryComplete();
      }
    }
  }
}
