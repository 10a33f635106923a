package dev.parley.wire.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.testing.ParleyProcess;
import dev.parley.testing.PublicClients;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicClientsIT {
  @Test
  void publicClientsOfBothVersionsFollowATurnOverSocketAndHttp(@TempDir Path dataDir)
      throws IOException {
    assumeTrue(
        PublicClients.areRunnable(),
        "The public clients are not driven: this machine has no node or no npm");
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of())) {
      for (String client : List.of("v3", "v4")) {
        String printed = PublicClients.drive(client, "client.mjs", parley.baseUrl());
        System.out.print(printed);
        assertThat(printed).contains("over /ws: ok").contains("over /api/rpc: ok");
      }
    }
  }
}
