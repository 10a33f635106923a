package dev.parley.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A WebSocket client that says what it is told to and keeps what it hears, message by message.
public final class RawSocket implements WebSocket.Listener, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final CompletableFuture<Close> closed = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;

  private record Close(int code, String reason) {}

  /// Connects.
  ///
  /// @throws java.util.concurrent.CompletionException when it is not let in
  public RawSocket(URI url) {
    this(url, Map.of());
  }

  /// Connects as a client that sends headers, and offers sub-protocols.
  ///
  /// @throws java.util.concurrent.CompletionException as above
  public RawSocket(URI url, Map<String, String> headers, String... subprotocols) {
    WebSocket.Builder builder = http.newWebSocketBuilder();
    headers.forEach(builder::header);
    if (subprotocols.length > 0) {
      builder.subprotocols(
          subprotocols[0], Arrays.copyOfRange(subprotocols, 1, subprotocols.length));
    }
    socket =
        builder.buildAsync(url, this).orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  /// Sends one text message, just so.
  public void send(String message) {
    join(socket.sendText(message, true));
  }

  /// Sends one binary message.
  public void sendBinary(String message) {
    join(socket.sendBinary(ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8)), true));
  }

  /// The next message.
  public String hear() throws InterruptedException {
    String message = heard.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    if (message == null) {
      throw new AssertionError("heard nothing within " + LIMIT);
    }
    return message;
  }

  /// The code with which the server closes the connection.
  public int closeCode() {
    return join(closed).code();
  }

  /// The reason that it gives with it.
  public String closeReason() {
    return join(closed).reason();
  }

  /// What the server chose to speak; empty: it did not.
  public String subprotocol() {
    return socket.getSubprotocol();
  }

  public boolean isOpen() {
    return !socket.isInputClosed() && !socket.isOutputClosed();
  }

  /// Ends the connection in good form.
  public void sayGoodbye() {
    join(socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
  }

  private static <T> T join(CompletableFuture<T> future) {
    return future.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      heard.add(partial.toString());
      partial.setLength(0);
    }
    webSocket.request(1);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
    closed.complete(new Close(code, reason));
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.completeExceptionally(error);
  }

  /// Cuts the connection, if it is still there.
  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }
}
