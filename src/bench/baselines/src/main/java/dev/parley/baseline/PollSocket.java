package dev.parley.baseline;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.websockets.next.OnTextMessage;
import io.quarkus.websockets.next.WebSocket;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The outbox as it is usually built: each token a row of its own, and a poll every 500 ms for rows
/// that are pending, which delivers them and marks them.
@WebSocket(path = "/poll")
public class PollSocket {
  private final Poller poller;

  PollSocket(Poller poller) {
    this.poller = poller;
  }

  @OnTextMessage
  Uni<Void> stream(String request, WebSocketConnection connection) {
    poller.connections.put(connection.id(), connection);
    Tokens.of(request)
        .onItem()
        .transformToUniAndConcatenate(token -> poller.insert(connection.id(), token))
        .collect()
        .last()
        .flatMap(_ -> poller.insert(connection.id(), ""))
        .subscribe()
        .with(_ -> {}, Throwable::printStackTrace);
    return Uni.createFrom().voidItem();
  }

  /// Delivers what is pending.
  @Singleton
  static class Poller {
    private static final long INTERVAL_MS = 500;
    private static final int ROWS_MAX = 5000;

    final Map<String, WebSocketConnection> connections = new ConcurrentHashMap<>();
    private final Pool pool;
    private final Vertx vertx;

    Poller(Pool pool, Vertx vertx) {
      this.pool = pool;
      this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
      pool.query(
              """
              CREATE TABLE IF NOT EXISTS bench_poll (
                seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                connection text NOT NULL, token text NOT NULL,
                status text NOT NULL DEFAULT 'pending');
              CREATE INDEX IF NOT EXISTS bench_poll_pending ON bench_poll (seq)
               WHERE status = 'pending'
              """)
          .execute()
          .await()
          .indefinitely();
      next();
    }

    Uni<Void> insert(String connection, String token) {
      return pool.preparedQuery("INSERT INTO bench_poll (connection, token) VALUES ($1, $2)")
          .execute(Tuple.of(connection, token))
          .replaceWithVoid();
    }

    private void next() {
      var _ = vertx.setTimer(INTERVAL_MS, _ -> poll());
    }

    private void poll() {
      pool.preparedQuery(
              "SELECT seq, connection, token FROM bench_poll WHERE status = 'pending' ORDER BY seq LIMIT "
                  + ROWS_MAX)
          .execute()
          .flatMap(this::deliver)
          .subscribe()
          .with(
              _ -> next(),
              failure -> {
                failure.printStackTrace();
                next();
              });
    }

    private Uni<Void> deliver(RowSet<Row> rows) {
      List<Long> delivered = new ArrayList<>();
      for (Row row : rows) {
        WebSocketConnection connection = connections.get(row.getString("connection"));
        long seq = row.getLong("seq");
        if (connection != null && connection.isOpen()) {
          String token = row.getString("token");
          connection
              .sendText(token.isEmpty() ? Tokens.END : Tokens.chunk(seq, token))
              .subscribe()
              .with(_ -> {}, Throwable::printStackTrace);
        }
        delivered.add(seq);
      }
      if (delivered.isEmpty()) {
        return Uni.createFrom().voidItem();
      }
      return pool.preparedQuery("UPDATE bench_poll SET status = 'completed' WHERE seq = ANY ($1)")
          .execute(Tuple.of(delivered.toArray(Long[]::new)))
          .replaceWithVoid();
    }
  }
}
