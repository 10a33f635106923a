import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Clients for a training run: many sessions stream, are interrupted and stream again, and are looked
/// at, over WebSocket and REST. `java Training.java PORT`, with a Parley that runs there.
final class Training {
  private static final int CLIENTS = 50;
  private static final int ROUNDS = 12;
  private static final Duration ROUND = Duration.ofMillis(2_500);
  private static final String PROMPT = "/count 1000000 50";

  private Training() {}

  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    URI base = URI.create("http://127.0.0.1:" + port);
    HttpClient http = HttpClient.newHttpClient();
    try {
      List<Client> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new Client(http, port, i));
      }
      Thread.sleep(ROUND);
      clients.forEach(Client::subscribe);
      for (int round = 0; round < ROUNDS; round++) {
        clients.forEach(Client::send);
        Thread.sleep(ROUND);
        clients.forEach(Client::interrupt);
        get(http, base.resolve("/api/sessions?userId=training"));
      }
      clients.forEach(Client::close);
    } finally {
      http.shutdownNow();
    }
  }

  private static int get(HttpClient http, URI uri) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
  }

  /// One session and the socket that watches it.
  private static final class Client implements WebSocket.Listener {
    private static final Pattern CHUNK =
        Pattern.compile("\"_tag\":\"Chunk\",\"requestId\":(\"?\\d+\"?)");

    private final String session;
    private final WebSocket socket;
    private final StringBuilder message = new StringBuilder();
    private CompletableFuture<WebSocket> sent = CompletableFuture.completedFuture(null);
    private int calls;

    Client(HttpClient http, int port, int number) {
      this.session = "{\"sessionId\":\"training:demo:t" + number + "\"";
      this.socket =
          http.newWebSocketBuilder()
              .buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws"), this)
              .join();
      call(
          "session.create",
          "{\"userId\":\"training\",\"agentId\":\"demo\",\"threadId\":\"t" + number + "\"}");
    }

    void subscribe() {
      call("chat.subscribe", session + "}");
    }

    void send() {
      call("chat.send", session + ",\"content\":\"" + PROMPT + "\"}");
    }

    void interrupt() {
      call("chat.interrupt", session + "}");
      call("chat.getHistory", session + "}");
      say("{\"_tag\":\"Ping\"}");
    }

    synchronized void close() {
      sent.thenCompose(_ -> socket.sendClose(WebSocket.NORMAL_CLOSURE, "")).join();
    }

    private void call(String tag, String payload) {
      say(
          "{\"_tag\":\"Request\",\"id\":%d,\"tag\":\"%s\",\"payload\":%s}"
              .formatted(++calls, tag, payload));
    }

    /// The JDK's socket takes one message at a time.
    private synchronized void say(String message) {
      sent = sent.thenCompose(_ -> socket.sendText(message + "\n", true));
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      message.append(text);
      if (last) {
        Matcher chunk = CHUNK.matcher(message);
        while (chunk.find()) {
          say("{\"_tag\":\"Ack\",\"requestId\":" + chunk.group(1) + "}");
        }
        message.setLength(0);
      }
      from.request(1);
      return null;
    }
  }
}
