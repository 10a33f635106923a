package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.bench.ConnectionWaves;
import dev.parley.testing.ParleyProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sockets that come and go in waves leave nothing behind. `src/bench/connection-waves` has more of
/// them.
class ConnectionWavesIT {
  @Test
  void keepsNothingOfSocketsThatAreGone(@TempDir Path dataDir) throws Exception {
    try (ParleyProcess parley =
        ParleyProcess.start(dataDir, Map.of("PARLEY_SESSION_IDLE_TIMEOUT", "500ms"))) {
      ConnectionWaves.Outcome outcome =
          ConnectionWaves.run(parley.baseUrl().getPort(), parley.pid(), 300, 3);
      assertThat(outcome.wrong()).as(outcome.table()).isEmpty();
    } finally {
      ParleyProcess.stopDatabase(dataDir);
    }
  }
}
