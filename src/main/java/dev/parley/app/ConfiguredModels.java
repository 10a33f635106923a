package dev.parley.app;

import dev.parley.agent.http.ProviderHttp;
import dev.parley.agent.turn.ModelAgent;
import dev.parley.app.AgentsConfig.ModelsConfig;
import java.time.Duration;

/// How models are asked, as it is configured.
final class ConfiguredModels {
  private static final String NAME = "parley.models";

  private ConfiguredModels() {}

  /// @throws StartRefusedException a setting cannot be used
  static ProviderHttp.Settings http(ModelsConfig models) {
    return new ProviderHttp.Settings(
        (int) Checked.atLeast(1, NAME + ".connections-max", models.connectionsMax()),
        (int) Checked.atLeast(0, NAME + ".waiting-max", models.waitingMax()),
        Checked.positive(NAME + ".connect-timeout", models.connectTimeout()),
        (int) Checked.atLeast(1, NAME + ".event-bytes-max", models.eventBytesMax()),
        Checked.atLeast(1, NAME + ".answer-bytes-max", models.answerBytesMax()));
  }

  /// @throws StartRefusedException a setting cannot be used
  static ModelAgent.Retries retries(ModelsConfig models) {
    Duration first = Checked.positive(NAME + ".retry-pause-min", models.retryPauseMin());
    Checked.holds(
        models.retryWaitMax().compareTo(first) >= 0,
        NAME + ".retry-wait-max",
        "must not be shorter than " + NAME + ".retry-pause-min");
    return new ModelAgent.Retries(
        (int) Checked.atLeast(0, NAME + ".retries-max", models.retriesMax()),
        first,
        models.retryWaitMax());
  }

  /// For an agent that may say nothing for so long: it is to say why it failed before that.
  static ModelAgent.Retries within(ModelAgent.Retries retries, Duration timeout) {
    Duration half = timeout.dividedBy(2);
    return half.compareTo(retries.waitMax()) < 0
        ? new ModelAgent.Retries(retries.max(), retries.pauseMin(), half)
        : retries;
  }

  /// @throws StartRefusedException the setting cannot be used
  static int toolCallsMax(ModelsConfig models) {
    return (int) Checked.atLeast(1, NAME + ".tool-calls-max", models.toolCallsMax());
  }
}
