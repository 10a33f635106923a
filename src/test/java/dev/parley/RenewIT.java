package dev.parley;

import static dev.parley.testing.Answers.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.Checker;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A backup is restored: what clients knew of the time since then fits nothing any more.
class RenewIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SESSION = "renew:demo:t";

  @Test
  void letsNoCursorOfBeforeFitARestoredBackup(@TempDir Path whole) throws Exception {
    Path dataDir = whole.resolve("data");
    Path backup = whole.resolve("backup");
    ClientLog lost = new ClientLog("lost", SESSION);
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of());
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      client.create(SESSION);
      say(client, new ClientLog("one", SESSION), "/count 5 0", "one");
    }
    copy(dataDir, backup);
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of());
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      say(client, lost, "/count 20 0", "lost");
    }

    ParleyProcess renewal = ParleyProcess.launch(backup, Map.of(), "renew-incarnations");
    assertThat(renewal.waitFor(LIMIT)).isZero();
    assertThat(renewal.output())
        .containsPattern("Gave 1 sessions new incarnations in [0-9.]+ seconds; 0 could not");
    try (ParleyProcess parley = ParleyProcess.start(backup, Map.of());
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      // The restored session gets to the numbers that the client knows, and to other words.
      ClientLog other = new ClientLog("other", SESSION);
      say(client, other, "/think 20", "other");
      assertThat(other.cursor()).isNotNull();
      JsonNode state = subscribed(client, lost);
      assertThat(state.path("reset").asBoolean()).isTrue();
      assertThat(state.path("incarnation").asText()).isNotEqualTo(lost.incarnation());
      try (Connection database = ParleyProcess.connectTo(backup)) {
        assertThat(Checker.check(database, List.of(other))).isEmpty();
      }
    }
  }

  private static JsonNode subscribed(RpcClient client, ClientLog log) {
    CompletableFuture<JsonNode> first = new CompletableFuture<>();
    var _ =
        client.stream(
            "chat.subscribe",
            RpcClient.object()
                .put("sessionId", log.sessionId())
                .put("afterSeq", log.cursor())
                .put("incarnation", log.incarnation()),
            first::complete);
    return get(first);
  }

  private static void say(RpcClient client, ClientLog log, String content, String id) {
    var _ = client.follow(log);
    String turn = get(client.send(log, content, id)).path("turnId").asText();
    log.awaitStop(turn, LIMIT);
  }

  /// With its rights: PostgreSQL refuses a folder that others may read.
  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    Process copying =
        new ProcessBuilder("cp", "-a", from.toString(), to.toString()).inheritIO().start();
    assertThat(copying.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(copying.exitValue()).isZero();
  }
}
