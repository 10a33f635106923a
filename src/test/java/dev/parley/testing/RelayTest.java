package dev.parley.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.testing.Relay.Damage;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A damaged wire between a client and a server of a few lines.
class RelayTest {
  private static final int TIMES = 50;

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server =
      get(
          vertx
              .createHttpServer()
              .webSocketHandler(socket ->
                  socket.textMessageHandler(line -> {
                    var _ =
                        socket.writeTextMessage(
                            "{\"_tag\":\"Exit\",\"requestId\":"
                                + new JsonObject(line).getLong("id")
                                + ",\"exit\":{\"_tag\":\"Success\",\"value\":1}}\n");
                  }))
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture());
  private final Relay relay = new Relay(server.actualPort());

  @AfterEach
  void stop() {
    relay.close();
    var _ = get(vertx.close().toCompletionStage().toCompletableFuture());
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.MATCH_ALL,
      names = {"CUT_.*"})
  void tellsTheClientOfEveryCut(Damage cut) {
    for (int i = 0; i < TIMES; i++) {
      try (RpcClient client = connect()) {
        assertThat(get(client.call("x", RpcClient.object())).asInt()).isEqualTo(1);
        relay.damage(cut);
        assertThatThrownBy(() -> get(client.call("x", RpcClient.object())))
            .as("time %d", i)
            .hasCauseInstanceOf(RpcClient.ConnectionLost.class);
      }
    }
  }

  @Test
  void holdsBothWaysUntilItIsReleased() {
    try (RpcClient client = connect()) {
      relay.damage(Damage.HOLD_ALL);
      CompletableFuture<?> answer = client.call("x", RpcClient.object());
      assertThatThrownBy(() -> answer.get(100, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      relay.release();
      assertThat(get(answer)).isNotNull();
    }
  }

  private RpcClient connect() {
    return RpcClient.connect(URI.create("ws://127.0.0.1:" + relay.port() + "/ws"));
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(Duration.ofSeconds(10).toMillis(), TimeUnit.MILLISECONDS).join();
  }
}
