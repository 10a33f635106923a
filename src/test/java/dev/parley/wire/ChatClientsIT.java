package dev.parley.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.testing.ParleyProcess;
import dev.parley.testing.PublicClients;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that people have already: the AI SDK's chat transport, a plain WebSocket, curl.
class ChatClientsIT {
  @Test
  void publicClientsChatOverTheTransportAndTheThreadProtocol(@TempDir Path dataDir)
      throws IOException {
    assumeTrue(
        PublicClients.areRunnable(),
        "The public clients are not driven: this machine has no node or no npm");
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of())) {
      String transport = PublicClients.drive("chat", "transport.mjs", parley.baseUrl());
      System.out.print(transport);
      assertThat(transport.lines().filter(line -> line.contains(": ok in "))).hasSize(9);
      String thread = PublicClients.drive("chat", "thread.mjs", parley.baseUrl());
      System.out.print(thread);
      assertThat(thread.lines().filter(line -> line.contains(": ok in "))).hasSize(6);
    }
  }

  @Test
  void curlFollowsATurnAndGoesOnWhereItWas(@TempDir Path dataDir) throws IOException {
    assumeTrue(PublicClients.canRun("curl"), "curl is not driven: this machine has none");
    try (ParleyProcess parley = ParleyProcess.start(dataDir, Map.of())) {
      String chat = parley.baseUrl() + "/api/chat";
      String session = parley.baseUrl() + "/api/sessions/anonymous:demo:c1";
      String message =
          "{\"id\":\"m1\",\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"text\":\"/count 3 0\"}]}";
      assertThat(post(chat, "{\"id\":\"c1\",\"message\":" + message + "}"))
          .startsWith(": stream-open\n\ndata: {\"type\":\"start\"")
          .contains("\"delta\":\"1 2 3 \"")
          .endsWith("data: [DONE]\n\n");
      String turn = post(session + "/messages", "{\"content\":\"/count 4 0\"}");
      assertThat(turn)
          .contains("event: accepted\ndata: {\"status\":\"started\"")
          .contains("\"delta\":\"1 2 3 4 \"")
          .doesNotContain("\"delta\":\"1 2 3 \"");
      String last = turn.strip().lines().filter(line -> line.startsWith("id: ")).toList().getLast();
      assertThat(turn.substring(turn.indexOf(last))).contains("\"_tag\":\"SessionStopped\"");
      assertThat(PublicClients.curl(5, "-H", "Last-Event-ID: 3", session + "/events?incarnation="))
          .as("every event after the third, and the stream stays open")
          .contains("\nid: 4\n")
          .doesNotContain("\nid: 3\n")
          .contains("\n" + last + "\n");
      assertThat(PublicClients.curl(5, chat + "/c1/stream")).isEmpty();
    }
  }

  private static String post(String url, String body) throws IOException {
    return PublicClients.curl(
        20,
        "-X",
        "POST",
        "-H",
        "Content-Type: application/json",
        "-H",
        "Accept: text/event-stream",
        "-d",
        body,
        url);
  }
}
