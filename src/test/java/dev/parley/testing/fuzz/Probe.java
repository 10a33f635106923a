package dev.parley.testing.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.RpcClient;
import dev.parley.testing.Tables;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/// A client in good order on a connection of its own: its calls are answered in time and its stream
/// has every frame, whatever others do.
final class Probe implements AutoCloseable {
  static final String SESSION = "probe:demo:healthy";

  /// How long a call may take on a machine that has much else to do.
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final RpcClient client;
  private final ClientLog log = new ClientLog("probe", SESSION);
  private final Histogram callNanos = new Histogram(3);
  private final List<String> wrong = new ArrayList<>();

  Probe(URI wsUrl) throws InterruptedException {
    client = RpcClient.connect(wsUrl);
    String[] key = SESSION.split(":", -1);
    JsonNode _ =
        call(
            client.call(
                "session.create",
                RpcClient.object()
                    .put("userId", key[0])
                    .put("agentId", key[1])
                    .put("threadId", key[2])));
    var _ = client.follow(log);
    JsonNode _ = call(client.send(log, "/count 1000000 20", "probe"));
  }

  /// One call.
  void ask() throws InterruptedException {
    long begin = System.nanoTime();
    JsonNode _ = call(client.call("chat.getState", RpcClient.object().put("sessionId", SESSION)));
    callNanos.recordValue(System.nanoTime() - begin);
  }

  private JsonNode call(CompletableFuture<JsonNode> call) throws InterruptedException {
    try {
      return call.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      wrong.add("the probe's call failed: " + e.getCause());
    } catch (TimeoutException e) {
      wrong.add("the probe's call was not answered within " + LIMIT);
    }
    return RpcClient.object();
  }

  /// How long calls took.
  Histogram callNanos() {
    return callNanos;
  }

  /// Ends its turn and says what went wrong.
  List<String> judge(Connection database) throws InterruptedException, SQLException {
    JsonNode _ = call(client.call("chat.interrupt", RpcClient.object().put("sessionId", SESSION)));
    try {
      log.await(
          () -> log.events().getLast().path("_tag").asText().equals("SessionStopped"),
          LIMIT,
          "the end of the turn");
    } catch (AssertionError e) {
      wrong.add(e.getMessage());
    }
    wrong.addAll(Checker.check(Tables.read(database, List.of(SESSION)), List.of(log)));
    return wrong;
  }

  @Override
  public void close() {
    client.close();
  }
}
