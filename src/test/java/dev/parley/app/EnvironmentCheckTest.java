package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentCheckTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "parley.agents.my-agent.provider",
          "demo",
          "parley.tools.current_time.approval",
          "none",
          "parley.tools.\"files.*\".approval",
          "none");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PARLEY_AGENTS_CLAUDE_MODEL",
        "PARLEY_AGENTS_CLAUDE_API_KEY",
        "PARLEY_AGENTS_CLAUDE_WEBHOOK_URL",
        "PARLEY_AGENTS_MY_AGENT_MODEL",
        "PARLEY_AGENTS__ANOTHER_AGENT__SYSTEM_PROMPT",
        "parley.agents.a-third.model",
        "PARLEY_TOOLS_CURRENT_TIME_APPROVAL",
        "PARLEY_TOOLS__FILES____WAITING_MAX",
        "PARLEY_TOOLS__FILES_READ__APPROVAL",
        "PARLEY_MCP_FILES_ENVIRONMENT_GITHUB_URL",
        "PARLEY_MCP_FILES_COMMAND_0_",
        "PARLEY_AGENT_TIMEOUT",
        "PARLEY_AGENTS_PORT",
        "PARLEY_TOOLS_SERVICE_HOST",
        "PARLEY_TOOLS_PORT_80_TCP_ADDR"
      })
  void whatIsHeardOrMeansSomethingElseIsFine(String variable) {
    assertThatCode(() -> check(variable)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "PARLEY_AGENTS_ANOTHER_AGENT_MODEL, PARLEY_AGENTS__ANOTHER_AGENT__",
    "PARLEY_TOOLS_FILES_READ_APPROVAL, PARLEY_TOOLS__FILES_READ__",
    "PARLEY_TOOLS__GIT____APPROVAL, config/application.properties",
    "PARLEY_MCP_MY_FILES_URL, PARLEY_MCP__MY_FILES__"
  })
  void refusesAVariableThatIsPassedOver(String variable, String instead) {
    assertThatThrownBy(() -> check(variable))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(variable)
        .hasMessageContaining(instead);
  }

  @Test
  void knowsWhatCanBeSet() {
    EnvironmentCheck.SETTINGS.forEach((group, settings) -> {
      String owner = group + ".*.";
      assertThat(
              ConfigMappings.getProperties(ConfigClass.configClass(ParleyConfig.class))
                  .keySet()
                  .stream()
                  .filter(name -> name.startsWith(owner))
                  .map(name -> name.substring(owner.length()).replaceFirst("\\[\\*]$", ""))
                  .distinct()
                  .filter(name -> !name.startsWith("environment.")))
          .as(group)
          .containsOnlyOnceElementsOf(settings)
          .hasSameSizeAs(settings);
    });
  }

  private static void check(String variable) {
    String value = variable.endsWith("APPROVAL") ? "none" : "1";
    EnvironmentCheck.check(List.of(variable), TestConfig.of(SETTINGS, Map.of(variable, value)));
  }
}
