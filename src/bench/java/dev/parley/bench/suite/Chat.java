package dev.parley.bench.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.bench.BenchClient;
import dev.parley.bench.Deltas;
import dev.parley.bench.Server;
import dev.parley.testing.ClientLog;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/// One client of one session, on a socket of its own. It keeps what it was told, word for word, and
/// reads it when all is over. On the socket's event loop.
final class Chat {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BenchClient client;
  private final String key;
  private final @Nullable Long afterSeq;
  private final ObjLongConsumer<String> onChunk;
  private final List<String> chunks = new ArrayList<>();
  private final Promise<Void> subscribed = Promise.promise();
  private volatile Promise<Void> stopped = Promise.promise();
  private long sentNanos;
  private long firstTokenNanos;

  private BenchClient.@Nullable Stream stream;

  private Chat(
      BenchClient client, String key, @Nullable Long afterSeq, ObjLongConsumer<String> onChunk) {
    this.client = client;
    this.key = key;
    this.afterSeq = afterSeq;
    this.onChunk = onChunk;
  }

  /// Makes the session and subscribes to it.
  ///
  /// @param onChunk hears each line that brings something, and the `nanoTime` at which it came
  static Future<Chat> open(Server server, String key, ObjLongConsumer<String> onChunk) {
    return server
        .connectClient()
        .compose(client -> client.create(key).compose(_ -> subscribe(client, key, null, onChunk)));
  }

  /// Subscribes to a session that is there.
  ///
  /// @param afterSeq the cursor; absent: a new client
  static Future<Chat> subscribe(
      BenchClient client, String key, @Nullable Long afterSeq, ObjLongConsumer<String> onChunk) {
    Chat chat = new Chat(client, key, afterSeq, onChunk);
    String payload =
        afterSeq == null ? BenchClient.session(key) : BenchClient.session(key, afterSeq);
    return client
        .subscribe(payload, chat::received)
        .compose(stream -> {
          chat.stream = stream;
          return chat.subscribed.future();
        })
        .map(chat);
  }

  static List<Chat> openAll(Server server, List<String> keys, ObjLongConsumer<String> onChunk)
      throws Exception {
    List<Future<Chat>> opening = keys.stream().map(key -> open(server, key, onChunk)).toList();
    Server.await(Future.all(opening));
    return opening.stream().map(Future::result).toList();
  }

  /// Sends a message; the future is done when its turn has stopped.
  Future<Void> send(String content) {
    Future<Void> stop = stop();
    client.onLoop(() -> firstTokenNanos = 0);
    sentNanos = System.nanoTime();
    return client.send(key, content).compose(_ -> stop);
  }

  /// Done when it is told that a turn has stopped, the next from now on.
  Future<Void> stop() {
    Promise<Void> next = Promise.promise();
    client.onLoop(() -> stopped = next);
    return next.future();
  }

  /// Done when it was told that a turn has stopped, the first since it is here, or since [#stop()].
  Future<Void> stopped() {
    return stopped.future();
  }

  Future<String> call(String tag, String payload) {
    return client.call(tag, payload);
  }

  /// From the last send to the first token of its answer.
  long toFirstTokenNanos() {
    return firstTokenNanos - sentNanos;
  }

  /// Ends the subscription, and leaves the socket open.
  Future<String> unsubscribe() {
    return Objects.requireNonNull(stream).interrupt();
  }

  Future<Void> close() {
    return client.close();
  }

  String key() {
    return key;
  }

  private void received(String chunk) {
    long now = System.nanoTime();
    chunks.add(chunk);
    subscribed.tryComplete();
    onChunk.accept(chunk, now);
    if (firstTokenNanos == 0 && chunk.contains("\"text-delta\"")) {
      firstTokenNanos = now;
    }
    if (chunk.contains("\"SessionStopped\"")) {
      stopped.tryComplete();
    }
  }

  /// What it was told, for the checker.
  ClientLog log() throws IOException {
    ClientLog log = new ClientLog(key, key);
    var told = log.subscribing(afterSeq);
    for (String chunk : chunks) {
      for (JsonNode value : JSON.readTree(chunk).path("values")) {
        told.accept(value);
      }
    }
    return log;
  }

  /// Characters of all deltas so far.
  long chars() {
    return chunks.stream().mapToLong(Deltas::chars).sum();
  }

  /// Values in which tokens came.
  long values() {
    return chunks.stream().mapToLong(chunk -> chunk.split("\"delta\":\"", -1).length - 1L).sum();
  }
}
