package dev.parley.app;

import dev.parley.agent.Agent;
import dev.parley.agent.Agents;
import dev.parley.agent.DemoAgent;
import dev.parley.agent.llm.Exchange;
import dev.parley.agent.llm.ModelSettings;
import dev.parley.agent.llm.Provider;
import dev.parley.agent.tool.Toolbox;
import dev.parley.agent.tool.Tools;
import dev.parley.agent.turn.ModelAgent;
import dev.parley.app.AgentsConfig.Answerer;
import dev.parley.app.AgentsConfig.HostedAgentConfig;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The agents that are configured, and `demo`. A setting that cannot be used is told by its name;
/// what may be secret is not quoted.
final class HostedAgents {
  private static final String DEMO = "demo";
  private static final int HISTORY_TOKENS = 32_000;
  private static final int STEPS_MAX = 16;

  /// What Anthropic takes.
  private static final int THINKING_MIN = 1024;

  /// What can stand in a header.
  private static final Pattern KEY = Pattern.compile("[!-~]+");

  private final ParleyConfig config;
  private final Toolbox toolbox;
  private final Supplier<Exchange> exchanges;
  private final ModelAgent.Ledger ledger;
  private final ModelAgent.Retries retries;
  private final int callsMax;

  HostedAgents(
      ParleyConfig config,
      Toolbox toolbox,
      Supplier<Exchange> exchanges,
      ModelAgent.Ledger ledger) {
    this.config = config;
    this.toolbox = toolbox;
    this.exchanges = exchanges;
    this.ledger = ledger;
    this.retries = ConfiguredModels.retries(config.models());
    this.callsMax = ConfiguredModels.toolCallsMax(config.models());
  }

  /// @throws StartRefusedException a setting cannot be used
  Agents all() {
    Map<String, Agents.Hosted> hosted = new HashMap<>();
    hosted.put(
        DEMO,
        new Agents.Hosted(new DemoAgent(), Agents.OnCrash.INTERRUPT, config.agent().timeout()));
    ConfiguredNames.ofAgents(config.agents())
        .forEach((id, agent) -> {
          String name = "parley.agents." + id;
          checkId(id, name);
          answerer(id, name, agent)
              .ifPresent(answerer -> hosted.put(id, hosted(name, agent, answerer)));
        });
    return new Agents(hosted);
  }

  private static void checkId(String id, String name) {
    try {
      SessionKey.Part.AGENT_ID.checked(id);
    } catch (RefusedException e) {
      throw new StartRefusedException(
          name + " cannot be in the key of a session: " + e.getMessage());
    }
  }

  /// Empty: the agent is not here, and only what becomes of its answers is configured.
  private static Optional<Answerer> answerer(String id, String name, HostedAgentConfig agent) {
    if (agent.provider().isPresent()) {
      return agent.provider();
    }
    if (id.equals(DEMO)) {
      return Optional.of(Answerer.DEMO);
    }
    Checked.holds(
        !isToAnswer(agent),
        name + ".provider",
        "is missing: it is one of anthropic, openai, ollama and demo");
    return Optional.empty();
  }

  private static boolean isToAnswer(HostedAgentConfig agent) {
    return Stream.of(
                agent.model(),
                agent.baseUrl(),
                agent.apiKey().flatMap(Secrets::value),
                agent.apiKeyFile(),
                agent.systemPrompt(),
                agent.tools(),
                agent.timeout())
            .anyMatch(Optional::isPresent)
        || agent.temperature().isPresent()
        || Stream.of(
                agent.maxTokens(),
                agent.thinkingBudget(),
                agent.historyTokens(),
                agent.historyMessages(),
                agent.stepsMax())
            .anyMatch(OptionalInt::isPresent)
        || Stream.of(agent.turnTokensMax(), agent.sessionTokensMax(), agent.userDayTokensMax())
            .anyMatch(OptionalLong::isPresent);
  }

  private Agents.Hosted hosted(String name, HostedAgentConfig agent, Answerer answerer) {
    Duration timeout = agent.timeout().orElse(config.agent().timeout());
    Checked.positive(name + ".timeout", timeout);
    Agent answering =
        switch (answerer) {
          case ANTHROPIC -> modelAgent(name, agent, Provider.ANTHROPIC, timeout);
          case OPENAI -> modelAgent(name, agent, Provider.OPENAI, timeout);
          case OLLAMA -> modelAgent(name, agent, Provider.OLLAMA, timeout);
          case DEMO -> new DemoAgent();
        };
    return new Agents.Hosted(answering, agent.onCrash(), timeout);
  }

  private ModelAgent modelAgent(
      String name, HostedAgentConfig agent, Provider provider, Duration timeout) {
    return new ModelAgent(
        settings(name, agent, provider, timeout),
        tools(name + ".tools", agent.tools().orElse(List.of()), timeout),
        exchanges,
        ledger);
  }

  /// How a model is asked for an agent.
  ///
  /// @param name what the agent's settings begin with
  ModelAgent.Settings settings(
      String name, HostedAgentConfig agent, Provider provider, Duration timeout) {
    return new ModelAgent.Settings(
        name,
        model(name, agent, provider),
        atLeastOne(name + ".history-tokens", agent.historyTokens().orElse(HISTORY_TOKENS)),
        historyMessages(name + ".history-messages", agent),
        atLeastOne(name + ".steps-max", agent.stepsMax().orElse(STEPS_MAX)),
        callsMax,
        ConfiguredModels.within(retries, timeout),
        new ModelAgent.CostLimits(
            limit(name + ".turn-tokens-max", agent.turnTokensMax()),
            limit(name + ".session-tokens-max", agent.sessionTokensMax()),
            limit(name + ".user-day-tokens-max", agent.userDayTokensMax())));
  }

  private static ModelSettings model(String name, HostedAgentConfig agent, Provider provider) {
    String model =
        agent
            .model()
            .orElseThrow(() ->
                new StartRefusedException(
                    name + ".model is missing: the provider needs to know which one is asked"));
    @Nullable Double temperature =
        agent.temperature().isPresent() ? agent.temperature().getAsDouble() : null;
    Checked.holds(
        temperature == null || (temperature >= 0 && temperature <= temperatureMax(provider)),
        name + ".temperature",
        "must be from 0 to " + temperatureMax(provider));
    @Nullable String key =
        Secrets.of(name + ".api-key", agent.apiKey(), agent.apiKeyFile()).orElse(null);
    Checked.holds(
        key == null || KEY.matcher(key).matches(),
        name + (agent.apiKeyFile().isPresent() ? ".api-key-file" : ".api-key"),
        "has characters that no key has");
    @Nullable String baseUrl = agent.baseUrl().orElse(null);
    Checked.holds(
        baseUrl == null || isWeb(baseUrl),
        name + ".base-url",
        "must be of the form https://host/path, or http, without an account");
    return new ModelSettings(
        provider,
        model,
        baseUrl,
        key,
        agent.systemPrompt().orElse(null),
        temperature,
        agent.maxTokens().isPresent()
            ? atLeastOne(name + ".max-tokens", agent.maxTokens().getAsInt())
            : null,
        thinking(name + ".thinking-budget", agent.thinkingBudget(), provider));
  }

  private static int temperatureMax(Provider provider) {
    return switch (provider) {
      case ANTHROPIC -> 1;
      case OPENAI, OLLAMA -> 2;
    };
  }

  private static @Nullable Integer thinking(String setting, OptionalInt budget, Provider provider) {
    if (budget.isEmpty()) {
      return null;
    }
    int least =
        switch (provider) {
          case ANTHROPIC -> THINKING_MIN;
          case OPENAI, OLLAMA -> 1;
        };
    return (int) Checked.atLeast(least, setting, budget.getAsInt());
  }

  /// An agent is not given more than all are.
  private int historyMessages(String setting, HostedAgentConfig agent) {
    int given = config.agent().historyMessages();
    int told = agent.historyMessages().orElse(given);
    Checked.holds(
        told >= 0 && told <= given,
        setting,
        "must be from 0 to " + given + ", which is parley.agent.history-messages");
    return told;
  }

  private Tools tools(String setting, List<String> names, Duration timeout) {
    try {
      Duration longest = toolbox.timeoutMax(names);
      Checked.holds(
          longest.compareTo(timeout) < 0,
          setting,
          "has one that may take %s: the agent's timeout, %s, must be longer"
              .formatted(longest, timeout));
      return toolbox.only(names);
    } catch (IllegalArgumentException e) {
      throw new StartRefusedException(setting + " cannot be used: " + e.getMessage());
    }
  }

  private static boolean isWeb(String text) {
    try {
      URI url = new URI(text);
      return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getPort() <= 65535;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static int atLeastOne(String setting, int value) {
    return (int) Checked.atLeast(1, setting, value);
  }

  private static long limit(String setting, OptionalLong value) {
    return Checked.atLeast(0, setting, value.orElse(0));
  }
}
