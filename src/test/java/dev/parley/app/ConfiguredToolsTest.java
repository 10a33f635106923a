package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.parley.agent.tool.ClockTools;
import dev.parley.agent.tool.McpServer;
import dev.parley.agent.tool.ToolLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfiguredToolsTest {
  private static final String HUSH = "hush-hush";

  /// Nobody listens there.
  private static final String URL = "http://127.0.0.1:9/mcp";

  @Test
  void whatNobodySaysIsTheDefault() {
    ParleyConfig config = TestConfig.parley(Map.of("parley.mcp.files.url", URL));
    assertThat(ConfiguredTools.limits(config.tool()))
        .isEqualTo(new ToolLimits(Duration.ofSeconds(30), 8, 32, 65_536, false));
    assertThat(ConfiguredTools.limits(config)).isEmpty();
    assertThat(ConfiguredTools.servers(config))
        .containsExactly(
            new McpServer(
                "files",
                URL,
                null,
                List.of(),
                Map.of(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                4_194_304));
  }

  @Test
  void aToolHasItsOwnLimitsAndTheRestOfAll() {
    Map<String, String> settings = new HashMap<>();
    settings.put("parley.tool.timeout", "20s");
    settings.put("parley.tool.concurrency-max", "1");
    settings.put("parley.tool.waiting-max", "2");
    settings.put("parley.tool.output-bytes-max", "3");
    settings.put("parley.tool.approval", "required");
    settings.put("parley.tools.current_time.approval", "none");
    settings.put("parley.tools.\"files.*\".timeout", "5s");
    settings.put("parley.tools.\"files_read.file\".concurrency-max", "4");
    settings.put("parley.tools.files_list.waiting-max", "5");
    settings.put("parley.tools.files_list.output-bytes-max", "6");
    assertThat(ConfiguredTools.limits(TestConfig.parley(settings)))
        .containsOnly(
            Map.entry("current_time", new ToolLimits(Duration.ofSeconds(20), 1, 2, 3, false)),
            Map.entry("files.*", new ToolLimits(Duration.ofSeconds(5), 1, 2, 3, true)),
            Map.entry("files_read.file", new ToolLimits(Duration.ofSeconds(20), 4, 2, 3, true)),
            Map.entry("files_list", new ToolLimits(Duration.ofSeconds(20), 1, 5, 6, true)));
  }

  @Test
  void everySettingOfAServerReachesIt(@TempDir Path dir) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("parley.mcp.near.command", "run,--quiet,a\\,b");
    settings.put("parley.mcp.near.environment.GITHUB_TOKEN", HUSH);
    settings.put("parley.mcp.near.environment.http_proxy", "http://proxy/");
    settings.put("parley.mcp.near.timeout", "1s");
    settings.put("parley.mcp.near.check-interval", "2s");
    settings.put("parley.mcp.near.retry-pause-max", "3s");
    settings.put("parley.mcp.near.message-bytes-max", "4");
    settings.put("parley.mcp.far.url", URL);
    settings.put("parley.mcp.far.bearer-token", HUSH);
    settings.put("parley.mcp.further-1.url", URL);
    settings.put(
        "parley.mcp.further-1.bearer-token-file",
        Files.writeString(dir.resolve("token"), "another\n").toString());
    assertThat(ConfiguredTools.servers(TestConfig.parley(settings)))
        .containsExactly(
            server("far", URL, HUSH),
            server("further-1", URL, "another"),
            new McpServer(
                "near",
                null,
                null,
                List.of("run", "--quiet", "a,b"),
                Map.of("GITHUB_TOKEN", HUSH, "http_proxy", "http://proxy/"),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                4));
  }

  @Test
  void readsTheEnvironment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("PARLEY_TOOL_TIMEOUT", "20s");
    environment.put("PARLEY_TOOLS__CURRENT_TIME__APPROVAL", "required");
    environment.put("PARLEY_TOOLS__CURRENT_TIME__CONCURRENCY_MAX", "1");
    environment.put("PARLEY_TOOLS_SEARCH_OUTPUT_BYTES_MAX", "1");
    environment.put("PARLEY_MCP_FILES_URL", URL);
    environment.put("PARLEY_MCP_FILES_BEARER_TOKEN", HUSH);
    environment.put("PARLEY_MCP__MY_GIT__COMMAND", "run,--quiet");
    environment.put("PARLEY_MCP__MY_GIT__ENVIRONMENT_GITHUB_TOKEN", HUSH);
    environment.put("PARLEY_MCP__MY_GIT__ENVIRONMENT_HOME", "/home");
    ParleyConfig config = TestConfig.parley(Map.of(), environment);
    assertThat(ConfiguredTools.limits(config))
        .containsOnly(
            Map.entry("current_time", new ToolLimits(Duration.ofSeconds(20), 1, 32, 65_536, true)),
            Map.entry("search", new ToolLimits(Duration.ofSeconds(20), 8, 32, 1, false)));
    assertThat(ConfiguredTools.servers(config))
        .extracting(McpServer::name, McpServer::bearerToken, McpServer::environment)
        .containsExactly(
            tuple("files", HUSH, Map.of()),
            tuple("my-git", null, Map.of("GITHUB_TOKEN", HUSH, "HOME", "/home")));
  }

  @Test
  void theEnvironmentChangesWhatAFileNames() {
    ParleyConfig config =
        TestConfig.parley(
            Map.of(
                "parley.tools.current_time.approval",
                "${parley.tool.approval:none}",
                "parley.tools.\"files.*\".approval",
                "none",
                "parley.mcp.files.url",
                URL,
                "parley.mcp.files.environment.GITHUB_TOKEN",
                "another"),
            Map.of(
                "PARLEY_TOOLS_CURRENT_TIME_APPROVAL",
                "required",
                "PARLEY_TOOLS__FILES____APPROVAL",
                "required",
                "PARLEY_MCP_FILES_ENVIRONMENT_GITHUB_TOKEN",
                HUSH));
    assertThat(ConfiguredTools.limits(config))
        .containsOnlyKeys("current_time", "files.*")
        .allSatisfy((_, limits) -> assertThat(limits.approval()).isTrue());
    assertThat(ConfiguredTools.servers(config).getFirst().environment())
        .isEqualTo(Map.of("GITHUB_TOKEN", HUSH));
  }

  @ParameterizedTest
  @CsvSource({
    "parley.tool.timeout, 0s",
    "parley.tool.concurrency-max, 0",
    "parley.tool.waiting-max, -1",
    "parley.tool.output-bytes-max, 0",
    "parley.tools.current_time.timeout, -1s",
    "parley.tools.current_time.concurrency-max, 0",
    "parley.tools.current_time.waiting-max, -1",
    "parley.tools.current_time.output-bytes-max, 0"
  })
  void refusesLimitsThatNoToolCanHave(String setting, String value) {
    assertRefused(Map.of(setting, value), setting);
  }

  @Test
  void refusesAToolThatCannotBe() {
    assertRefused(Map.of("parley.tools.search.approval", "required"), "no tool search");
    assertRefused(Map.of("parley.mcp.current.url", URL), "MCP server current");
  }

  @ParameterizedTest
  @CsvSource({
    "url, ftp://one.example/hush-hush",
    "url, hush-hush",
    "command, run",
    "bearer-token, hush-hush with a space",
    "timeout, 0s",
    "check-interval, 0s",
    "retry-pause-max, 0s",
    "message-bytes-max, 0"
  })
  void refusesAServerThatCannotBe(String setting, String value) {
    Map<String, String> settings = new HashMap<>(Map.of("parley.mcp.files.url", URL));
    settings.put("parley.mcp.files." + setting, value);
    assertRefused(settings, "parley.mcp.files");
  }

  @Test
  void refusesAServerWithoutAPlaceAndOneWithTwoTokens() {
    assertRefused(Map.of("parley.mcp.files.bearer-token", HUSH), "parley.mcp.files");
    assertRefused(Map.of("parley.mcp.my_files.url", URL), "parley.mcp.my_files");
    assertRefused(
        Map.of(
            "parley.mcp.files.url",
            URL,
            "parley.mcp.files.bearer-token",
            HUSH,
            "parley.mcp.files.bearer-token-file",
            "/some/file"),
        "parley.mcp.files.bearer-token-file");
  }

  @Test
  void refusesAnAccountInAnAddress() {
    assertRefused(
        Map.of("parley.mcp.files.url", "http://ann:" + HUSH + "@files.example/mcp"),
        "parley.mcp.files");
  }

  private static McpServer server(String name, String url, String token) {
    return new McpServer(
        name,
        url,
        token,
        List.of(),
        Map.of(),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        4_194_304);
  }

  private static void assertRefused(Map<String, String> settings, String about) {
    assertThatThrownBy(() ->
            ConfiguredTools.open(
                    TestConfig.parley(settings),
                    List.of(new ClockTools(InstantSource.fixed(Instant.EPOCH))))
                .close())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(about)
        .hasMessageNotContaining(HUSH);
  }
}
