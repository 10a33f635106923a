package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.agent.Agents;
import dev.parley.agent.DemoAgent;
import dev.parley.agent.llm.ModelSettings;
import dev.parley.agent.llm.Provider;
import dev.parley.agent.tool.ClockTools;
import dev.parley.agent.tool.Toolbox;
import dev.parley.agent.turn.ModelAgent;
import dev.parley.app.AgentsConfig.HostedAgentConfig;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostedAgentsTest {
  private static final String HUSH = "hush-hush";
  private static final Path SHIPPED = Path.of("src/main/resources/application.properties");

  @Test
  void theDemoAgentIsThereWithoutAnySetting() {
    with(
        Map.of(),
        Map.of(),
        agents -> {
          Agents.Hosted demo = agents.hosted("demo");
          assertThat(demo.agent()).isInstanceOf(DemoAgent.class);
          assertThat(demo.onCrash()).isEqualTo(Agents.OnCrash.INTERRUPT);
          assertThat(demo.timeout()).isEqualTo(Duration.ofSeconds(60));
        });
  }

  @Test
  void whatNobodySaysIsTheDefault() {
    with(
        of("openai"),
        Map.of(),
        agents -> {
          assertThat(agents.settings("a-1"))
              .isEqualTo(
                  new ModelAgent.Settings(
                      "parley.agents.a-1",
                      new ModelSettings(Provider.OPENAI, "m", null, null, null, null, null, null),
                      32_000,
                      200,
                      16,
                      32,
                      new ModelAgent.Retries(3, Duration.ofMillis(500), Duration.ofSeconds(20)),
                      new ModelAgent.CostLimits(0, 0, 0)));
          assertThat(agents.all().find("a-1"))
              .extracting(Agents.Hosted::onCrash, Agents.Hosted::timeout)
              .containsExactly(Agents.OnCrash.INTERRUPT, Duration.ofSeconds(60));
        });
  }

  @Test
  void everySettingOfAnAgentReachesIt() {
    Map<String, String> settings = of("anthropic");
    settings.put("parley.agents.a-1.base-url", "http://localhost:1234/v1");
    settings.put("parley.agents.a-1.api-key", HUSH);
    settings.put("parley.agents.a-1.system-prompt", "Be brief, and kind.");
    settings.put("parley.agents.a-1.temperature", "0.5");
    settings.put("parley.agents.a-1.max-tokens", "100");
    settings.put("parley.agents.a-1.thinking-budget", "1024");
    settings.put("parley.agents.a-1.tools", "current_time");
    settings.put("parley.agents.a-1.history-tokens", "5000");
    settings.put("parley.agents.a-1.history-messages", "20");
    settings.put("parley.agents.a-1.timeout", "2m");
    settings.put("parley.agents.a-1.on-crash", "restart");
    settings.put("parley.agents.a-1.steps-max", "4");
    settings.put("parley.agents.a-1.turn-tokens-max", "1000");
    settings.put("parley.agents.a-1.session-tokens-max", "2000");
    settings.put("parley.agents.a-1.user-day-tokens-max", "3000000000");
    settings.put("parley.models.retries-max", "0");
    settings.put("parley.models.retry-pause-min", "1s");
    settings.put("parley.models.retry-wait-max", "1s");
    settings.put("parley.models.tool-calls-max", "2");
    with(
        settings,
        Map.of(),
        agents -> {
          assertThat(agents.settings("a-1"))
              .isEqualTo(
                  new ModelAgent.Settings(
                      "parley.agents.a-1",
                      new ModelSettings(
                          Provider.ANTHROPIC,
                          "m",
                          "http://localhost:1234/v1",
                          HUSH,
                          "Be brief, and kind.",
                          0.5,
                          100,
                          1024),
                      5000,
                      20,
                      4,
                      2,
                      new ModelAgent.Retries(0, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                      new ModelAgent.CostLimits(1000, 2000, 3_000_000_000L)));
          assertThat(agents.all().find("a-1"))
              .extracting(Agents.Hosted::onCrash, Agents.Hosted::timeout)
              .containsExactly(Agents.OnCrash.RESTART, Duration.ofMinutes(2));
        });
  }

  @Test
  void readsTheKeyFromAFile(@TempDir Path dir) throws IOException {
    Map<String, String> settings = of("anthropic");
    Path file = Files.writeString(dir.resolve("key"), "  " + HUSH + "\n");
    settings.put("parley.agents.a-1.api-key-file", file.toString());
    with(
        settings,
        Map.of(),
        agents -> assertThat(agents.settings("a-1").model().apiKey()).isEqualTo(HUSH));
    for (String none : List.of(" \n", "k".repeat(16 * 1024 + 1))) {
      var _ = Files.writeString(file, none);
      assertRefused(settings, "parley.agents.a-1.api-key-file");
    }
    Files.delete(file);
    assertRefused(settings, "parley.agents.a-1.api-key-file");
  }

  @Test
  void refusesTwoKeys() {
    Map<String, String> settings = of("anthropic");
    settings.put("parley.agents.a-1.api-key", HUSH);
    settings.put("parley.agents.a-1.api-key-file", "/some/file");
    assertRefused(settings, "parley.agents.a-1.api-key-file");
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic, model, ''",
    "openai, max-tokens, 0",
    "openai, temperature, 2.1",
    "anthropic, temperature, 1.1",
    "openai, temperature, -0.1",
    "openai, temperature, NaN",
    "anthropic, thinking-budget, 1023",
    "ollama, thinking-budget, 0",
    "openai, base-url, ftp://one.example/hush-hush",
    "openai, base-url, one.example/hush-hush",
    "openai, base-url, https://account:hush-hush@one.example/",
    "openai, api-key, hush-hush with a space",
    "openai, history-tokens, 0",
    "openai, history-messages, 201",
    "openai, history-messages, -1",
    "openai, steps-max, 0",
    "openai, turn-tokens-max, -1",
    "openai, session-tokens-max, -1",
    "openai, user-day-tokens-max, -1",
    "openai, timeout, 0s",
    "demo, timeout, 0s",
    "openai, tools, 'current_time,sub'",
    "openai, tools, 'files.*'"
  })
  void refusesWhatCannotBe(String provider, String setting, String value) {
    Map<String, String> settings = of(provider);
    settings.put("parley.agents.a-1." + setting, value);
    assertRefused(settings, "parley.agents.a-1." + setting);
  }

  @ParameterizedTest
  @CsvSource({
    "retries-max, -1",
    "retry-pause-min, 0s",
    "retry-wait-max, 499ms",
    "tool-calls-max, 0"
  })
  void refusesToAskModelsInAWayThatCannotBe(String setting, String value) {
    assertRefused(Map.of("parley.models." + setting, value), "parley.models." + setting);
  }

  @ParameterizedTest
  @CsvSource({
    "connections-max, 0",
    "waiting-max, -1",
    "connect-timeout, 0s",
    "event-bytes-max, 0",
    "answer-bytes-max, 0"
  })
  void refusesToReachProvidersInAWayThatCannotBe(String setting, String value) {
    ParleyConfig config = TestConfig.parley(Map.of("parley.models." + setting, value));
    assertThatThrownBy(() -> ConfiguredModels.http(config.models()))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("parley.models." + setting);
  }

  /// The turn would end before the tool is late.
  @Test
  void refusesAToolThatTakesLongerThanItsAgentMay() {
    Map<String, String> settings = of("openai");
    settings.put("parley.agents.a-1.timeout", "20s");
    with(settings, Map.of(), agents -> assertThat(agents.all().find("a-1")).isNotNull());
    settings.put("parley.agents.a-1.tools", "*");
    assertRefused(settings, "parley.agents.a-1.tools");
    settings.put("parley.tool.timeout", "19s");
    with(settings, Map.of(), agents -> assertThat(agents.all().find("a-1")).isNotNull());
    settings.put("parley.tools.current_time.timeout", "20s");
    assertRefused(settings, "parley.agents.a-1.tools");
  }

  @Test
  void whoIsOnlyToldOfNeedsNoProvider() {
    Map<String, String> settings =
        Map.of(
            "parley.agents.elsewhere.webhook.url",
            "https://one.example/",
            "parley.agents.elsewhere.webhook.secret",
            HUSH,
            "parley.agents.elsewhere.on-crash",
            "continue");
    with(settings, Map.of(), agents -> assertThat(agents.all().find("elsewhere")).isNull());
  }

  @ParameterizedTest
  @CsvSource({
    "model, m",
    "base-url, http://localhost/",
    "api-key, hush-hush",
    "api-key-file, /some/file",
    "system-prompt, be brief",
    "temperature, 1",
    "max-tokens, 1",
    "thinking-budget, 2000",
    "tools, current_time",
    "history-tokens, 1",
    "history-messages, 1",
    "timeout, 1s",
    "steps-max, 1",
    "turn-tokens-max, 1",
    "session-tokens-max, 1",
    "user-day-tokens-max, 1"
  })
  void refusesAnAgentOfWhichNobodySaysWhoAnswers(String setting, String value) {
    assertRefused(Map.of("parley.agents.a-1." + setting, value), "parley.agents.a-1.provider");
  }

  @Test
  void refusesAnIdThatNoKeyCanHave() {
    assertRefused(Map.of("parley.agents.\"a b\".provider", "demo"), "parley.agents.a b");
  }

  @Test
  void demoMayBeAModelToo() {
    Map<String, String> settings =
        Map.of("parley.agents.demo.provider", "ollama", "parley.agents.demo.model", "m");
    with(
        settings,
        Map.of(),
        agents -> {
          Agents.Hosted demo = agents.hosted("demo");
          assertThat(demo.agent()).isInstanceOf(ModelAgent.class);
        });
  }

  @Test
  void theShippedAgentsNeedOneVariable() throws IOException {
    with(
        shipped(),
        Map.of(),
        agents -> {
          for (String id : List.of("claude", "openai", "ollama")) {
            assertThat(agents.all().find(id)).as(id).isNotNull();
            assertThat(agents.settings(id).model().apiKey()).as(id).isNull();
          }
        });
    with(
        shipped(),
        Map.of("ANTHROPIC_API_KEY", HUSH, "OPENAI_API_KEY", "another"),
        agents -> {
          assertThat(agents.settings("claude").model().apiKey()).isEqualTo(HUSH);
          assertThat(agents.settings("openai").model().apiKey()).isEqualTo("another");
        });
  }

  @Test
  void theEnvironmentChangesTheShippedAgents() throws IOException {
    Map<String, String> environment =
        Map.of(
            "ANTHROPIC_API_KEY", "another",
            "PARLEY_AGENTS_CLAUDE_API_KEY", HUSH,
            "PARLEY_AGENTS_CLAUDE_MODEL", "newer",
            "PARLEY_AGENTS_CLAUDE_TOOLS", "current_time",
            "PARLEY_AGENTS_CLAUDE_MAX_TOKENS", "9",
            "PARLEY_AGENTS_CLAUDE_ON_CRASH", "restart",
            "PARLEY_AGENTS_OLLAMA_BASE_URL", "http://ollama:11434");
    with(
        shipped(),
        environment,
        agents -> {
          ModelSettings claude = agents.settings("claude").model();
          assertThat(claude.apiKey()).isEqualTo(HUSH);
          assertThat(claude.model()).isEqualTo("newer");
          assertThat(claude.maxTokens()).isEqualTo(9);
          assertThat(agents.all().find("claude"))
              .extracting(Agents.Hosted::onCrash)
              .isEqualTo(Agents.OnCrash.RESTART);
          assertThat(agents.settings("ollama").model().baseUrl()).isEqualTo("http://ollama:11434");
        });
  }

  @Test
  void theEnvironmentNamesAgentsOfItsOwn() {
    Map<String, String> environment =
        Map.of(
            "PARLEY_AGENTS_HELPER_PROVIDER", "demo",
            "PARLEY_AGENTS__MY_HELPER__PROVIDER", "openai",
            "PARLEY_AGENTS__MY_HELPER__MODEL", "m",
            "PARLEY_AGENTS__MY_HELPER__API_KEY", HUSH);
    with(
        Map.of(),
        environment,
        agents -> {
          assertThat(agents.all().find("helper")).isNotNull();
          assertThat(agents.all().find("my_helper")).isNotNull();
          assertThat(agents.settings("my_helper").model().apiKey()).isEqualTo(HUSH);
        });
  }

  @Test
  void theEnvironmentAddsToAnAgentOfAFile() {
    Map<String, String> environment = Map.of("PARLEY_AGENTS_A_1_MODEL", "another");
    with(
        of("openai"),
        environment,
        agents -> assertThat(agents.settings("a-1").model().model()).isEqualTo("another"));
  }

  @Test
  void refusesOneAgentThatIsWrittenInTwoWays() {
    Map<String, String> environment = Map.of("PARLEY_AGENTS__A_1__MODEL", "another");
    assertThatThrownBy(() -> with(of("openai"), environment, Subject::all))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("PARLEY_AGENTS_A_1_");
  }

  private static Map<String, String> of(String provider) {
    return new HashMap<>(
        Map.of("parley.agents.a-1.provider", provider, "parley.agents.a-1.model", "m"));
  }

  private static Map<String, String> shipped() throws IOException {
    Properties all = new Properties();
    try (Reader file = Files.newBufferedReader(SHIPPED)) {
      all.load(file);
    }
    Map<String, String> settings = new HashMap<>();
    all.stringPropertyNames().stream()
        .filter(name -> name.startsWith("parley."))
        .forEach(name -> settings.put(name, all.getProperty(name)));
    return settings;
  }

  private static void assertRefused(Map<String, String> settings, String about) {
    assertThatThrownBy(() -> with(settings, Map.of(), Subject::all))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(about)
        .hasMessageNotContaining(HUSH);
  }

  private static void with(
      Map<String, String> settings, Map<String, String> environment, Consumer<Subject> test) {
    ParleyConfig config = TestConfig.parley(settings, environment);
    try (Toolbox toolbox =
        ConfiguredTools.open(config, List.of(new ClockTools(InstantSource.fixed(Instant.EPOCH))))) {
      HostedAgents agents =
          new HostedAgents(
              config,
              toolbox,
              () -> {
                throw new AssertionError("nobody asks");
              },
              (_, _) -> Uni.createFrom().item(0L));
      test.accept(new Subject(config, agents));
    }
  }

  /// The agents of a configuration, and what they ask their models with.
  private record Subject(ParleyConfig config, HostedAgents agents) {
    Agents all() {
      return agents.all();
    }

    Agents.Hosted hosted(String id) {
      return Objects.requireNonNull(all().find(id), id);
    }

    ModelAgent.Settings settings(String id) {
      HostedAgentConfig agent =
          Objects.requireNonNull(ConfiguredNames.ofAgents(config.agents()).get(id), id);
      Provider provider = Provider.valueOf(agent.provider().map(Enum::name).orElseThrow());
      return agents.settings("parley.agents." + id, agent, provider, Duration.ofSeconds(60));
    }
  }
}
