package dev.parley.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A client of `/ws` that costs little: it looks for what it needs in the text of lines and parses
/// none. Everything is on the socket's event loop.
public final class BenchClient {
  private static final String REQUEST_ID = "\"requestId\":";

  private final WebSocket socket;
  private final Context context;
  private final Map<Long, Promise<String>> exits = new HashMap<>();
  private final Map<Long, Stream> streams = new HashMap<>();
  private long nextId;

  /// A stream and whether its Chunks are acknowledged.
  public final class Stream {
    private final long id;
    private final Consumer<String> chunks;
    private final Promise<String> exit = Promise.promise();
    private boolean stopped;
    private boolean owed;

    private Stream(long id, Consumer<String> chunks) {
      this.id = id;
      this.chunks = chunks;
    }

    /// Acknowledges nothing from now on: the server waits.
    public void stop() {
      onLoop(() -> stopped = true);
    }

    /// Goes on.
    public void go() {
      onLoop(() -> {
        stopped = false;
        if (owed) {
          owed = false;
          acknowledge();
        }
      });
    }

    /// Done when the stream has ended, for whatever reason.
    public Future<String> interrupt() {
      write("{\"_tag\":\"Interrupt\",\"requestId\":%d}\n".formatted(id));
      return exit.future();
    }

    private void chunk(String line) {
      if (stopped) {
        owed = true;
      } else {
        acknowledge();
      }
      chunks.accept(line);
    }

    private void acknowledge() {
      write("{\"_tag\":\"Ack\",\"requestId\":%d}\n".formatted(id));
    }
  }

  private BenchClient(WebSocket socket, Context context) {
    this.socket = socket;
    this.context = context;
  }

  public static Future<BenchClient> connect(WebSocketClient sockets, int port) {
    return sockets
        .connect(port, "127.0.0.1", "/ws")
        .map(socket -> {
          BenchClient client =
              new BenchClient(socket, Objects.requireNonNull(Vertx.currentContext()));
          socket.textMessageHandler(client::received);
          return client;
        });
  }

  /// Makes the session of a key `user:agent:thread`.
  public Future<String> create(String key) {
    String[] parts = key.split(":", -1);
    return call(
        "session.create",
        "{\"userId\":\"%s\",\"agentId\":\"%s\",\"threadId\":\"%s\"}"
            .formatted(parts[0], parts[1], parts[2]));
  }

  public Future<String> send(String key, String content) {
    return call("chat.send", "{\"sessionId\":\"%s\",\"content\":\"%s\"}".formatted(key, content));
  }

  /// The line of the answer; fails when that is a failure. Callable anywhere.
  public Future<String> call(String tag, String payload) {
    Promise<String> exit = Promise.promise();
    context.runOnContext(_ -> {
      long id = nextId++;
      exits.put(id, exit);
      request(id, tag, payload);
    });
    return exit.future();
  }

  /// Subscribes; the future is done with the stream once its request is written.
  ///
  /// @param chunks takes the line of each Chunk, on the event loop
  public Future<Stream> subscribe(String payload, Consumer<String> chunks) {
    Promise<Stream> begun = Promise.promise();
    context.runOnContext(_ -> {
      Stream stream = new Stream(nextId++, chunks);
      streams.put(stream.id, stream);
      request(stream.id, "chat.subscribe", payload);
      begun.complete(stream);
    });
    return begun.future();
  }

  /// Runs on the socket's event loop.
  public void onLoop(Runnable work) {
    context.runOnContext(_ -> work.run());
  }

  public Future<Void> close() {
    return socket.close();
  }

  /// The payload that names a session.
  public static String session(String key) {
    return "{\"sessionId\":\"" + key + "\"}";
  }

  public static String session(String key, long afterSeq) {
    return "{\"sessionId\":\"%s\",\"afterSeq\":%d}".formatted(key, afterSeq);
  }

  /// The number behind the last occurrence of a name; -1 when there is none.
  public static long number(String line, String name) {
    int at = line.lastIndexOf(name);
    if (at < 0) {
      return -1;
    }
    int begin = at + name.length();
    int end = begin;
    while (end < line.length() && Character.isDigit(line.charAt(end))) {
      end++;
    }
    return Long.parseLong(line, begin, end, 10);
  }

  private void request(long id, String tag, String payload) {
    write(
        "{\"_tag\":\"Request\",\"id\":%d,\"tag\":\"%s\",\"payload\":%s,\"headers\":[]}\n"
            .formatted(id, tag, payload));
  }

  private void write(String line) {
    var _ = socket.writeTextMessage(line);
  }

  private void received(String message) {
    for (int begin = 0; begin < message.length(); ) {
      int end = message.indexOf('\n', begin);
      if (end < 0) {
        throw new IllegalStateException("the server's messages are whole lines");
      }
      line(message.substring(begin, end));
      begin = end + 1;
    }
  }

  private void line(String line) {
    int at = line.indexOf(REQUEST_ID);
    if (at < 0) {
      return;
    }
    long id = number(line.substring(at, Math.min(line.length(), at + 40)), REQUEST_ID);
    if (line.startsWith("{\"_tag\":\"Chunk\"")) {
      Stream stream = streams.get(id);
      if (stream != null) {
        stream.chunk(line);
      }
      return;
    }
    Stream ended = streams.remove(id);
    if (ended != null) {
      ended.exit.complete(line);
      return;
    }
    @Nullable Promise<String> exit = exits.remove(id);
    if (exit != null && line.contains("\"_tag\":\"Success\"")) {
      exit.complete(line);
    } else if (exit != null) {
      exit.fail(line);
    }
  }
}
