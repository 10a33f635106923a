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
  private static final Duration LONGEST = Duration.ofDays(7);

  private final HttpClient client;
  private final Vertx vertx;
  private final Settings settings;

  /// @param connectionsMax to one provider: answers that can stream at once
  /// @param waitingMax exchanges that wait for a connection; beyond, one fails at once
  /// @param connectTimeout for a connection's establishment; whoever has none of the connections
  ///   waits twice as long for one
  /// @param eventBytesMax of one event of an answer
  /// @param answerBytesMax of one answer
  public record Settings(
      int connectionsMax,
      int waitingMax,
      Duration connectTimeout,
      int eventBytesMax,
      long answerBytesMax) {

    /// Longer than an establishment takes, so that what fails on that is told as that.
    Duration placeWait() {
      return connectTimeout.multipliedBy(2);
    }
  }

  public ProviderHttp(Vertx vertx, Settings settings) {
    this.vertx = vertx;
    this.settings = settings;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setVerifyHost(true)
                .setConnectTimeout(millis(settings.connectTimeout())),
            new PoolOptions()
                .setHttp1MaxSize(settings.connectionsMax())
                .setMaxWaitQueueSize(settings.waitingMax()));
  }

  /// As far as the client can count.
  static int millis(Duration time) {
    return time.compareTo(LONGEST) < 0 ? (int) time.toMillis() : (int) LONGEST.toMillis();
  }

  /// One that has not begun. Call on the context that everything of it is to happen on.
  public Exchange exchange() {
    return new VertxExchange(client, vertx.getOrCreateContext(), settings);
  }
}
