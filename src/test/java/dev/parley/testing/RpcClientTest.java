package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The test client against a server of a few lines.
class RpcClientTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<JsonObject> received = new CopyOnWriteArrayList<>();
  private HttpServer server = vertx.createHttpServer();
  private RpcClient client;

  RpcClientTest() {
    server = get(server.webSocketHandler(this::serve).listen(0, "127.0.0.1"));
    client = RpcClient.connect(URI.create("ws://127.0.0.1:" + server.actualPort() + "/ws"));
  }

  @BeforeEach
  void isConnected() {
    assertThat(client.closed()).isNotDone();
  }

  @AfterEach
  void stop() {
    client.close();
    var _ = get(vertx.close());
  }

  @Test
  void getsTheAnswerToEachOfItsCalls() {
    List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(client.call("echo", RpcClient.object().put("i", i)));
    }
    for (int i = 0; i < answers.size(); i++) {
      assertThat(get(answers.get(i)).path("i").asInt()).isEqualTo(i);
    }
  }

  @Test
  void failsACallThatFails() {
    assertThatThrownBy(() -> get(client.call("fail", RpcClient.object())))
        .cause()
        .isInstanceOfSatisfying(
            RpcFailure.class, e -> assertThat(e.errorTag()).isEqualTo("NoSuchThing"));
  }

  @Test
  void acknowledgesEachChunkOfAStream() {
    List<Integer> values = new ArrayList<>();
    RpcClient.Stream stream =
        client.stream(
            "count", RpcClient.object().put("to", 50), value -> values.add(value.asInt()));
    assertThat(get(stream.end()).isNull()).isTrue();
    assertThat(values).hasSize(50).isSorted();
    assertThat(received)
        .filteredOn(message -> "Ack".equals(message.getString("_tag")))
        .hasSizeGreaterThanOrEqualTo(49)
        .allMatch(ack -> ack.getLong("requestId") == stream.id());
  }

  @Test
  void interruptsAStream() {
    RpcClient.Stream stream =
        client.stream("count", RpcClient.object().put("to", 1_000_000), _ -> {});
    stream.interrupt();
    assertThatThrownBy(() -> get(stream.end())).hasCauseInstanceOf(RpcFailure.class);
  }

  @Test
  void failsWhatIsOpenAndWhatComesWhenTheConnectionIsLost() {
    CompletableFuture<JsonNode> answer = client.call("drop", RpcClient.object());
    assertThatThrownBy(() -> get(answer)).hasCauseInstanceOf(RpcClient.ConnectionLost.class);
    assertThat(client.closed()).isDone();
    assertThatThrownBy(() -> get(client.call("echo", RpcClient.object())))
        .hasCauseInstanceOf(RpcClient.ConnectionLost.class);
  }

  @Test
  void recordsASubscriptionAndResumesAfterItsCursor() {
    ClientLog log = new ClientLog("one", "ann:demo:t");
    var _ = client.subscribe(log);
    log.await(() -> log.cursor() != null && log.cursor() == 3, Duration.ofSeconds(5), "3");
    assertThat(log.incarnation()).isEqualTo("life1");
    client.cut();
    client = RpcClient.connect(URI.create("ws://127.0.0.1:" + server.actualPort() + "/ws"));
    var _ = client.subscribe(log);
    log.await(() -> log.cursor() != null && log.cursor() == 5, Duration.ofSeconds(5), "5");
    assertThat(log.subscriptions())
        .extracting(ClientLog.Subscription::afterSeq)
        .containsExactly(null, 3L);
    assertThat(log.events())
        .extracting(event -> event.path("seq").asLong())
        .containsExactly(2L, 3L, 4L, 5L);
  }

  private void serve(ServerWebSocket socket) {
    socket.textMessageHandler(line -> {
      assertThat(line).endsWith("\n");
      JsonObject message = new JsonObject(line);
      received.add(message);
      switch (message.getString("_tag")) {
        case "Request" -> answer(socket, message);
        case "Ack" -> next(socket, message.getLong("requestId"));
        case "Interrupt" -> {
          streamTo = 0;
          exit(socket, message.getLong("requestId"), failure("Interrupt", null));
        }
        default -> {}
      }
    });
  }

  private long streamTo;
  private long streamAt;

  private void answer(ServerWebSocket socket, JsonObject request) {
    long id = request.getLong("id");
    JsonObject payload = request.getJsonObject("payload");
    switch (request.getString("tag")) {
      case "echo" ->
          exit(socket, id, new JsonObject().put("_tag", "Success").put("value", payload));
      case "fail" -> exit(socket, id, failure("Fail", new JsonObject().put("_tag", "NoSuchThing")));
      case "count" -> {
        streamTo = payload.getLong("to");
        next(socket, id);
      }
      case "drop" -> {
        var _ = socket.close((short) 1011);
      }
      case "chat.subscribe" -> {
        Long after = payload.getLong("afterSeq");
        long from = after == null ? 1 : after;
        JsonArray values = new JsonArray();
        values.add(
            new JsonObject()
                .put("_tag", "InitialState")
                .put("seq", from)
                .put("incarnation", "life1"));
        values.add(new JsonObject().put("_tag", "StreamEvent").put("seq", from + 1));
        values.add(new JsonObject().put("_tag", "StreamEvent").put("seq", from + 2));
        write(
            socket,
            new JsonObject().put("_tag", "Chunk").put("requestId", id).put("values", values));
      }
      default -> {}
    }
  }

  private void next(ServerWebSocket socket, long id) {
    if (streamTo == 0) {
      return;
    }
    if (streamAt == streamTo) {
      exit(socket, id, new JsonObject().put("_tag", "Success").putNull("value"));
    } else {
      streamAt++;
      write(
          socket,
          new JsonObject()
              .put("_tag", "Chunk")
              .put("requestId", id)
              .put("values", new JsonArray().add(streamAt)));
    }
  }

  private static JsonObject failure(String tag, @Nullable Object error) {
    JsonObject cause = new JsonObject().put("_tag", tag);
    if (error != null) {
      cause.put("error", error);
    }
    return new JsonObject().put("_tag", "Failure").put("cause", new JsonArray().add(cause));
  }

  private static void exit(ServerWebSocket socket, long id, JsonObject exit) {
    write(socket, new JsonObject().put("_tag", "Exit").put("requestId", id).put("exit", exit));
  }

  /// A line in two messages, and the next one's beginning in the same as its end.
  private static void write(ServerWebSocket socket, JsonObject message) {
    String line = message.encode() + "\n" + new JsonObject().put("_tag", "Pong").encode() + "\n";
    var _ = socket.writeTextMessage(line.substring(0, 5));
    var _ = socket.writeTextMessage(line.substring(5));
  }

  private static <T> T get(Future<T> future) {
    return get(future.toCompletionStage().toCompletableFuture());
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.orTimeout(10, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw new CompletionException(e.getCause());
    }
  }
}
