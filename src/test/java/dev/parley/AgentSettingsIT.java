package dev.parley;

import static dev.parley.testing.Answers.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.ClientLog;
import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RpcClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The packaged application reads agents, tools and MCP servers from the environment, and does not
/// start on what it cannot read.
class AgentSettingsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void hostsWhatTheEnvironmentNames(@TempDir Path dataDir) {
    Map<String, String> environment =
        Map.of(
            "PARLEY_AGENTS_HELPER_PROVIDER", "demo",
            "PARLEY_AGENTS__MY_HELPER__PROVIDER", "demo",
            "PARLEY_AGENTS_CLAUDE_API_KEY", "hush-hush",
            "PARLEY_AGENTS_CLAUDE_TOOLS", "current_time,files.*",
            "PARLEY_TOOLS_CURRENT_TIME_APPROVAL", "required",
            "PARLEY_TOOLS__FILES_READ__TIMEOUT", "5s",
            "PARLEY_MCP_FILES_URL", "http://127.0.0.1:9/mcp");
    try (ParleyProcess parley = ParleyProcess.start(dataDir, environment);
        RpcClient client = RpcClient.connect(parley.wsUrl())) {
      for (String agent : new String[] {"helper", "my_helper", "demo"}) {
        ClientLog log = new ClientLog(agent, "ann:" + agent + ":t");
        client.create(log.sessionId());
        var _ = client.follow(log);
        String turn = get(client.send(log, "/count 2 0", agent)).path("turnId").asText();
        log.awaitStop(turn, LIMIT);
      }
      assertThat(parley.stop()).isZero();
    }
  }

  @Test
  void doesNotStartOnWhatItWouldPassOver(@TempDir Path dataDir) throws IOException {
    String _ =
        assertRefused(
            dataDir,
            Map.of("PARLEY_TOOLS_FILES_READ_APPROVAL", "required"),
            "PARLEY_TOOLS__FILES_READ__");
    String _ =
        assertRefused(
            dataDir,
            Map.of("PARLEY_AGENTS_HELPER_MODEL", "m"),
            "parley.agents.helper.provider is missing");
    String _ =
        assertRefused(
            dataDir,
            Map.of("PARLEY_TOOLS__SEARCH_ALL__APPROVAL", "required"),
            "there is no tool search_all");
  }

  @Test
  void saysWhichValuesAreNotOfTheirType(@TempDir Path dataDir) throws IOException {
    String output =
        assertRefused(
            dataDir,
            Map.of("PARLEY_AGENTS_CLAUDE_TIMEOUT", "hush-1", "PARLEY_SESSION_QUEUE_MAX", "hush-2"),
            "parley.agents.claude.timeout has a value that is none of its type");
    assertThat(output).contains("parley.session.queue-max has").doesNotContain("\tat ", "hush");
  }

  private static String assertRefused(Path dataDir, Map<String, String> environment, String why)
      throws IOException {
    try (ParleyProcess refused = ParleyProcess.launch(dataDir, environment)) {
      assertThat(refused.waitFor(LIMIT)).isEqualTo(1);
      assertThat(refused.output()).contains(why);
      return refused.output();
    }
  }
}
