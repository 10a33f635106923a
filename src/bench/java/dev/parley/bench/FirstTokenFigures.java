package dev.parley.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// From the send of a session's second or later message to its first token at the client, over an
/// open subscription and over the thread protocol. The agent does not wait, so this is all
/// Parley's.
///
/// Messages come on a schedule, one session after the other, whether or not the ones before are
/// answered; a message is counted from when it was due, so a late one hides nothing.
public final class FirstTokenFigures {
  private static final String MESSAGE = "/count 20 0";
  private static final int PER_SECOND = 20;
  private static final int LAST_WAIT_SECONDS = 60;

  /// Of each session, before what is counted: the first message of a session is another matter.
  private static final int WARM_MESSAGES = 3;

  /// Arguments of its own: sessions, messages that are counted.
  public static void main(String[] args) throws Exception {
    int[] numbers = Server.numbers(args, 100, 1000);
    try (Server server = new Server(args)) {
      new FirstTokenFigures().run(server, numbers[0], numbers[1]);
    }
  }

  /// One session and its open socket.
  private interface Chat {
    /// Sends a message. Callable anywhere.
    ///
    /// @return when its first token came, as `nanoTime`
    Future<Long> send();
  }

  private interface Opening {
    Future<? extends Chat> open(Server server, String key);
  }

  private void run(Server server, int sessions, int messages) throws Exception {
    List<Chat> subscribed = open(server, "sub", sessions, Subscribed::open);
    List<Chat> threads = open(server, "thr", sessions, InThread::open);
    Histogram _ = send(subscribed, WARM_MESSAGES * sessions, 2 * PER_SECOND);
    Histogram _ = send(threads, WARM_MESSAGES * sessions, 2 * PER_SECOND);
    Server.sayWhetherItIsQuiet();
    System.out.printf("%d messages, %d/s, on %d sessions%n%n", messages, PER_SECOND, sessions);
    System.out.println("| first token over | p50 | p99 | max | bare commit p50 | p99 |");
    System.out.println("|---|---|---|---|---|---|");
    measure(server, "`chat.subscribe` on `/ws`", subscribed, messages);
    measure(server, "the thread protocol", threads, messages);
  }

  private static void measure(Server server, String name, List<Chat> chats, int messages)
      throws Exception {
    try (BareCommit bare = server.bareCommit()) {
      bare.start();
      Histogram first = send(chats, messages, PER_SECOND);
      Histogram cost = bare.stop();
      System.out.printf(
          "| %s | %s | %s | %s | %s | %s |%n",
          name,
          Server.ms(first, 50),
          Server.ms(first, 99),
          Server.ms(first, 100),
          Server.ms(cost, 50),
          Server.ms(cost, 99));
    }
  }

  private static List<Chat> open(Server server, String user, int sessions, Opening opening)
      throws Exception {
    List<Chat> chats = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      chats.add(Server.await(opening.open(server, server.key(user, i))));
    }
    return chats;
  }

  private static Histogram send(List<Chat> chats, int count, int perSecond) throws Exception {
    Histogram first = new ConcurrentHistogram(3);
    long begin = System.nanoTime();
    List<Future<Void>> running = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long due = begin + i * 1_000_000_000L / perSecond;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      running.add(
          chats
              .get(i % chats.size())
              .send()
              .map(came -> {
                first.recordValue(came - due);
                return null;
              }));
    }
    Server.await(Future.all(running), LAST_WAIT_SECONDS);
    return first;
  }

  /// A session watched by `chat.subscribe`. On the client's event loop.
  private static final class Subscribed implements Chat {
    private final BenchClient client;
    private final String key;
    private final Promise<Void> watching = Promise.promise();
    private Promise<Long> first = Promise.promise();
    private Future<Void> idle = Future.succeededFuture();
    private Promise<Void> stopped = Promise.promise();
    private boolean started;

    private Subscribed(BenchClient client, String key) {
      this.client = client;
      this.key = key;
    }

    static Future<Subscribed> open(Server server, String key) {
      return BenchClient.connect(server.sockets(), server.port())
          .compose(client -> {
            Subscribed chat = new Subscribed(client, key);
            return client
                .create(key)
                .compose(_ -> client.subscribe(BenchClient.session(key), chat::received))
                .compose(_ -> chat.watching.future())
                .map(chat);
          });
    }

    @Override
    public Future<Long> send() {
      Promise<Long> came = Promise.promise();
      client.onLoop(() -> {
        // A turn that still runs, if it took long, is waited for: this one's tokens are its own.
        Promise<Void> end = Promise.promise();
        Future<Void> free = idle;
        idle = end.future();
        free.onComplete(_ -> {
          first = came;
          stopped = end;
          client.send(key, MESSAGE).onFailure(came::tryFail);
        });
      });
      return came.future();
    }

    private void received(String chunk) {
      long now = System.nanoTime();
      watching.tryComplete();
      int start = chunk.indexOf("\"SessionStarted\"");
      started |= start >= 0;
      if (started && chunk.lastIndexOf("\"text-delta\"") > start) {
        started = false;
        first.tryComplete(now);
      }
      if (chunk.contains("\"SessionStopped\"")) {
        stopped.tryComplete();
      }
    }
  }

  /// A session over the thread protocol. On the socket's event loop.
  private static final class InThread implements Chat {
    private final WebSocket socket;
    private final Context context;
    private final List<Promise<Long>> firsts = new ArrayList<>();

    private InThread(WebSocket socket, Context context) {
      this.socket = socket;
      this.context = context;
    }

    static Future<InThread> open(Server server, String key) {
      return server
          .sockets()
          .connect(server.port(), "127.0.0.1", "/api/chat/ws?create=1&threadId=" + key)
          .map(socket -> {
            InThread chat = new InThread(socket, Objects.requireNonNull(Vertx.currentContext()));
            socket.textMessageHandler(chat::received);
            return chat;
          });
    }

    @Override
    public Future<Long> send() {
      Promise<Long> came = Promise.promise();
      context.runOnContext(_ -> {
        firsts.add(came);
        var _ =
            socket.writeTextMessage(
                "{\"type\":\"message\",\"requestId\":\"%d\",\"content\":\"%s\"}"
                    .formatted(firsts.size() - 1, MESSAGE));
      });
      return came.future();
    }

    private void received(String frame) {
      long now = System.nanoTime();
      int request = (int) BenchClient.number(frame, "\"requestId\":\"");
      if (request < 0) {
        throw new IllegalStateException(frame);
      }
      if (frame.startsWith("{\"type\":\"token\"")) {
        firsts.get(request).tryComplete(now);
      } else if (!frame.startsWith("{\"type\":\"final\"")) {
        firsts.get(request).tryFail(frame);
      }
    }
  }
}
