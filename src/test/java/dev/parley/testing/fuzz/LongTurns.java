package dev.parley.testing.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import dev.parley.testing.RpcFailure;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/// Stops turns that damage has made long, as any client may: of `/count 5 0` a flipped bit and a
/// doubled digit make an answer of minutes, and whoever sends to its session waits behind it.
///
/// A turn is stopped only while it speaks. One that is silent has to end by the agent's time limit,
/// and one that never ends is the server's fault.
final class LongTurns implements AutoCloseable {
  private static final long LOOK_NANOS = 250_000_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /// Long is what no message of a transcript asks for.
  private static final String RUNNING =
      """
      SELECT s.user_id || ':' || s.agent_id || ':' || s.thread_id, t.turn_id, h.frame_seq,
             t.started_at < now() - interval '1 second'
        FROM turns t JOIN sessions s USING (sid) JOIN heads h USING (sid)
       WHERE t.status = 'streaming'
         AND s.user_id || ':' || s.agent_id || ':' || s.thread_id <> ?
      """;

  private final RpcClient client;
  private final Connection database;
  private final Thread looking;
  private final List<String> wrong = new ArrayList<>();
  private volatile boolean over;

  /// A turn that runs.
  ///
  /// @param frames of its session
  private record Turn(String sessionId, String turnId, long frames, boolean isLong) {}

  /// Begins.
  ///
  /// @param spared whose turns may be as long as they are
  LongTurns(URI wsUrl, Path dataDir, String spared) throws SQLException {
    client = RpcClient.connect(wsUrl);
    database = ParleyProcess.connectTo(dataDir);
    looking = Thread.ofPlatform().start(() -> look(spared));
  }

  /// Waits until no turn runs any more, or waiting does not help.
  ///
  /// @return what went wrong
  List<String> finish() throws InterruptedException {
    over = true;
    looking.join();
    return wrong;
  }

  private void look(String spared) {
    Map<String, Long> framesBefore = new HashMap<>();
    long end = Long.MAX_VALUE;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (over && end == Long.MAX_VALUE) {
          end = System.nanoTime() + LIMIT.toNanos();
        }
        List<Turn> running = running(spared);
        if (over && (running.isEmpty() || System.nanoTime() > end)) {
          return;
        }
        for (Turn turn : running) {
          Long before = framesBefore.put(turn.turnId(), turn.frames());
          if (turn.isLong() && before != null && before < turn.frames()) {
            stop(turn);
          }
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    } catch (SQLException | InterruptedException e) {
      wrong.add("nobody looks for long turns: " + e);
    }
  }

  private List<Turn> running(String spared) throws SQLException {
    try (PreparedStatement statement = database.prepareStatement(RUNNING)) {
      statement.setString(1, spared);
      try (ResultSet rows = statement.executeQuery()) {
        List<Turn> running = new ArrayList<>();
        while (rows.next()) {
          running.add(
              new Turn(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getBoolean(4)));
        }
        return running;
      }
    }
  }

  private void stop(Turn turn) throws InterruptedException {
    try {
      JsonNode _ =
          client
              .call(
                  "chat.interrupt",
                  RpcClient.object()
                      .put("sessionId", turn.sessionId())
                      .put("turnId", turn.turnId()))
              .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      // Another client was quicker: its session is deleted.
      if (!(e.getCause() instanceof RpcFailure failure)
          || !failure.errorTag().equals("ChatSessionNotFoundRpcError")) {
        wrong.add("a turn could not be stopped: " + e.getCause());
      }
    } catch (TimeoutException e) {
      wrong.add("a turn was not stopped within " + LIMIT);
    }
  }

  @Override
  public void close() throws SQLException {
    looking.interrupt();
    client.close();
    database.close();
  }
}
