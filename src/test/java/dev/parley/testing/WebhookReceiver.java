package dev.parley.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A server that webhooks are posted to. It answers as it is told and remembers what it was told.
public final class WebhookReceiver implements AutoCloseable {
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private volatile Behaviour behaviour = _ -> 200;

  /// One request.
  ///
  /// @param client the address it came from: the same for the same connection
  /// @param headers by their names in lower case
  public record Received(
      String client, String method, String path, Map<String, String> headers, String body) {
    /// What stands in a header, or nothing.
    public String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /// How a request is answered, on a thread of its own: it may take its time.
  public interface Behaviour {
    /// The status.
    int answer(Received request) throws InterruptedException;
  }

  /// On any free port.
  public WebhookReceiver() {
    this(0);
  }

  public WebhookReceiver(int port) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public URI url(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  public void behave(Behaviour as) {
    behaviour = as;
  }

  /// The requests so far, in the order in which they were complete.
  public List<Received> received() {
    return List.copyOf(received);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> headers = new TreeMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) ->
              headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
      Received request =
          new Received(
              exchange.getRemoteAddress().toString(),
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              headers,
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      received.add(request);
      byte[] said = "who reads this?".getBytes(StandardCharsets.UTF_8);
      int status = behaviour.answer(request);
      if (status >= 300 && status < 400) {
        exchange.getResponseHeaders().add("location", url("/elsewhere").toString());
      }
      exchange.sendResponseHeaders(status, status == 204 ? -1 : said.length);
      if (status != 204) {
        exchange.getResponseBody().write(said);
      }
    } catch (InterruptedException e) {
      // It is closed: nobody wants the answer.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
