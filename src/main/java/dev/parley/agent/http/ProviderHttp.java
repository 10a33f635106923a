package dev.parley.agent.http;

import dev.parley.agent.llm.Exchange;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;

/// The HTTP client that all exchanges with providers share: HTTP/1.1, connections kept and bounded,
/// certificates checked against the JDK's and the name of the host.
public final class ProviderHttp {
  private final HttpClient client;
  private final Vertx vertx;
  private final Settings settings;

  /// @param connectionsMax to one provider: answers that can stream at once
  /// @param waitingMax exchanges that wait for a connection; beyond, one fails at once
  /// @param connectTimeout the wait for a connection, and for its establishment
  /// @param eventBytesMax of one event of an answer
  /// @param answerBytesMax of one answer
  public record Settings(
      int connectionsMax,
      int waitingMax,
      Duration connectTimeout,
      int eventBytesMax,
      long answerBytesMax) {}

  public ProviderHttp(Vertx vertx, Settings settings) {
    this.vertx = vertx;
    this.settings = settings;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setVerifyHost(true),
            new PoolOptions()
                .setHttp1MaxSize(settings.connectionsMax())
                .setMaxWaitQueueSize(settings.waitingMax()));
  }

  /// One that has not begun. Call on the context that everything of it is to happen on.
  public Exchange exchange() {
    return new VertxExchange(client, vertx.getOrCreateContext(), settings);
  }
}
