package dev.parley.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A plain client of `/ws`: calls and streams by request id, each Chunk acknowledged once its
/// values were taken. It speaks the dialect of number ids, and does not reconnect: make another
/// one.
///
/// When the connection ends, however it ends, every open call and stream fails with
/// [ConnectionLost].
public final class RpcClient implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final Duration STATE_LIMIT = Duration.ofSeconds(30);

  /// As in the public clients: one counter for the process.
  private static final AtomicLong NEXT_ID = new AtomicLong();

  /// The connection is gone.
  public static final class ConnectionLost extends IOException {
    private static final long serialVersionUID = 1L;

    ConnectionLost(String how) {
      super(how);
    }
  }

  /// An open stream.
  ///
  /// @param end completes when the server ended it well, fails with its failure
  public record Stream(long id, CompletableFuture<JsonNode> end, Runnable interruption) {
    /// Tells the server that nobody listens any more; its Exit then fails [#end].
    public void interrupt() {
      interruption.run();
    }
  }

  private record Open(CompletableFuture<JsonNode> end, @Nullable Consumer<JsonNode> values) {}

  private final Map<Long, Open> open = new HashMap<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private final List<JsonNode> strays = new ArrayList<>();
  private final PlainWebSocket socket;

  private RpcClient(URI url) throws IOException {
    socket = new PlainWebSocket(url, CONNECT_LIMIT, new Listener());
  }

  /// @throws UncheckedIOException when there is nobody to connect to
  public static RpcClient connect(URI url) {
    try {
      return new RpcClient(url);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @return the success value; fails with [RpcFailure] or [ConnectionLost]
  public CompletableFuture<JsonNode> call(String tag, JsonNode payload) {
    return request(tag, payload, null).end();
  }

  /// @param values takes each value in order, on the socket's thread
  public Stream stream(String tag, JsonNode payload, Consumer<JsonNode> values) {
    return request(tag, payload, values);
  }

  /// Creates the session of this key and waits until it is there.
  ///
  /// @throws java.util.concurrent.CompletionException when it is refused
  public void create(String sessionId) {
    String[] parts = sessionId.split(":", -1);
    JsonNode session =
        Answers.get(
            call(
                "session.create",
                object()
                    .put("userId", parts[0])
                    .put("agentId", parts[1])
                    .put("threadId", parts[2])));
    if (!session.path("id").asText().equals(sessionId)) {
      throw new AssertionError(session + " was made for " + sessionId);
    }
  }

  /// Subscribes to the log's session, after its cursor when it has one, and records what comes.
  public Stream subscribe(ClientLog log) {
    Long cursor = log.cursor();
    ObjectNode payload = object().put("sessionId", log.sessionId());
    if (cursor != null) {
      payload.put("afterSeq", cursor).put("incarnation", log.incarnation());
    }
    return stream("chat.subscribe", payload, log.subscribing(cursor));
  }

  /// Subscribes and waits for the initial state: a call made on its heels could be done before the
  /// subscription begins, and what it brings about would then be told in the state and not in
  /// frames.
  public Stream follow(ClientLog log) {
    Stream stream = subscribe(log);
    log.awaitState(STATE_LIMIT);
    return stream;
  }

  /// Sends a message to the log's session and records the acknowledgement.
  public CompletableFuture<JsonNode> send(ClientLog log, String content, String clientMessageId) {
    return call(
            "chat.send",
            object()
                .put("sessionId", log.sessionId())
                .put("content", content)
                .put("clientMessageId", clientMessageId))
        .thenApply(reply -> {
          log.acknowledged(reply.path("messageId").asText());
          return reply;
        });
  }

  /// Completes with how the connection ended.
  public CompletableFuture<String> closed() {
    return closed.copy();
  }

  /// Messages that belong to no open call.
  public List<JsonNode> strays() {
    synchronized (open) {
      return List.copyOf(strays);
    }
  }

  /// Cuts the connection without a word.
  public void cut() {
    socket.abort("cut by the client");
  }

  /// Closes the connection as clients do.
  @Override
  public void close() {
    if (!closed.isDone()) {
      socket.close();
      var _ =
          closed.copy().completeOnTimeout("", CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
    }
    cut();
  }

  /// A payload that names a session; most have more.
  public static ObjectNode session(String sessionId) {
    return object().put("sessionId", sessionId);
  }

  /// A call as its line, for clients that say what they are told to.
  ///
  /// @param payload JSON
  public static String line(int id, String tag, String payload) {
    return "{\"_tag\":\"Request\",\"id\":%d,\"tag\":\"%s\",\"payload\":%s,\"headers\":[]}\n"
        .formatted(id, tag, payload);
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private Stream request(String tag, JsonNode payload, @Nullable Consumer<JsonNode> values) {
    long id = NEXT_ID.getAndIncrement();
    CompletableFuture<JsonNode> end = new CompletableFuture<>();
    synchronized (open) {
      open.put(id, new Open(end, values));
    }
    if (closed.isDone()) {
      lost(closed.join());
    } else {
      ObjectNode request =
          object().put("_tag", "Request").put("id", id).put("tag", tag).set("payload", payload);
      request.putArray("headers");
      write(request);
    }
    return new Stream(id, end, () -> write(object().put("_tag", "Interrupt").put("requestId", id)));
  }

  private void write(ObjectNode message) {
    socket.send(message.toString() + "\n");
  }

  private void read(String line) {
    JsonNode message;
    try {
      message = MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      socket.abort("the server sent what is no JSON");
      return;
    }
    JsonNode id = message.path("requestId");
    Open call;
    synchronized (open) {
      call = id.isIntegralNumber() ? open.get(id.asLong()) : null;
      if (call == null) {
        strays.add(message);
        return;
      }
    }
    switch (message.path("_tag").asText()) {
      case "Chunk" -> {
        if (call.values() != null) {
          message.path("values").forEach(call.values());
        }
        write(object().put("_tag", "Ack").put("requestId", id.asLong()));
      }
      case "Exit" -> {
        synchronized (open) {
          open.remove(id.asLong());
        }
        JsonNode exit = message.path("exit");
        if (exit.path("_tag").asText().equals("Success")) {
          call.end().complete(exit.path("value"));
        } else {
          call.end().completeExceptionally(new RpcFailure(exit.path("cause")));
        }
      }
      default -> {}
    }
  }

  private void lost(String how) {
    closed.complete(how);
    List<Open> left;
    synchronized (open) {
      left = List.copyOf(open.values());
      open.clear();
    }
    left.forEach(call -> call.end().completeExceptionally(new ConnectionLost(how)));
  }

  private final class Listener implements PlainWebSocket.Listener {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    @Override
    public void text(byte[] utf8) {
      int begin = 0;
      for (int i = 0; i < utf8.length; i++) {
        if (utf8[i] == '\n') {
          line.write(utf8, begin, i - begin);
          read(line.toString(StandardCharsets.UTF_8));
          line.reset();
          begin = i + 1;
        }
      }
      line.write(utf8, begin, utf8.length - begin);
    }

    @Override
    public void ended(String how) {
      lost(how);
    }
  }
}
