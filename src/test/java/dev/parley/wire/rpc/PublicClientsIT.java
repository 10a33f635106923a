package dev.parley.wire.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.testing.ParleyProcess;
import dev.parley.testing.PublicClients;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The unmodified clients of all three dialects, as they come from npm.
class PublicClientsIT {
  @BeforeAll
  static void canBeRun() {
    assumeTrue(
        PublicClients.areRunnable(),
        "The public clients are not driven: this machine has no node or no npm");
  }

  @Test
  void publicClientsMakeEveryCallOverSocketAndHttpInBothSerialisations(@TempDir Path dataDir)
      throws IOException {
    // so that a stream shows a sign of life while it is silent
    Map<String, String> env =
        Map.of("PARLEY_RPC_PING_INTERVAL", "1500ms", "PARLEY_RPC_PONG_TIMEOUT", "1400ms");
    try (ParleyProcess parley = ParleyProcess.start(dataDir, env)) {
      for (String client : new String[] {"v3", "v4", "v4beta"}) {
        String printed = start(client, "scenario", parley).finish();
        System.out.print(printed);
        assertThat(printed)
            .contains("over /ws ndjson: ok")
            .contains("over /ws json: ok")
            .contains("over /api/rpc ndjson: ok")
            .contains("over /api/rpc json: ok");
      }
    } finally {
      ParleyProcess.stopDatabase(dataDir);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v3", "v4", "v4beta"})
  void publicClientsGoOnWithEveryEventOnceThoughTheServerIsKilledAndStopped(
      String client, @TempDir Path dataDir) throws IOException {
    int port = ParleyProcess.freePort();
    Map<String, String> env = Map.of("PARLEY_AGENTS_DEMO_ON_CRASH", "continue");
    ParleyProcess parley = ParleyProcess.startOn(port, dataDir, env);
    try {
      PublicClients.Running running = start(client, "resume", parley);
      running.awaitPrinted("cut after 100 tokens");
      parley.kill();
      parley = ParleyProcess.startOn(port, dataDir, env);
      running.awaitPrinted("cut after 700 tokens");
      int _ = parley.stop();
      parley = ParleyProcess.startOn(port, dataDir, env);
      String printed = running.finish();
      System.out.print(client + " " + printed);
      assertThat(printed).contains("each once");
    } finally {
      parley.close();
      ParleyProcess.stopDatabase(dataDir);
    }
  }

  private static PublicClients.Running start(String client, String what, ParleyProcess parley)
      throws IOException {
    return PublicClients.start(client, "client.mjs", what, parley.baseUrl().toString());
  }
}
