package dev.parley.app;

import dev.parley.app.AgentsConfig.WebhookConfig;
import dev.parley.effect.discrete.WebhookSecret;
import dev.parley.effect.discrete.WebhookTarget;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// The webhooks that are configured, by agent. A setting that cannot be used is told by its name;
/// what it says is shown nowhere, for it may hold a secret.
@Singleton
final class WebhookTargets {
  private final Map<String, WebhookTarget> byAgent;

  WebhookTargets(ParleyConfig config) {
    Duration room = config.effects().lease().minus(config.database().timeout().multipliedBy(2));
    Map<String, WebhookTarget> targets = new HashMap<>();
    ConfiguredNames.ofAgents(config.agents())
        .forEach((agentId, agent) ->
            agent
                .webhook()
                .ifPresent(webhook ->
                    targets.put(
                        agentId, target("parley.agents." + agentId + ".webhook", webhook, room))));
    this.byAgent = Map.copyOf(targets);
  }

  Map<String, WebhookTarget> byAgent() {
    return byAgent;
  }

  private static WebhookTarget target(String name, WebhookConfig webhook, Duration room) {
    if (!webhook.timeout().isPositive() || webhook.timeout().compareTo(room) > 0) {
      throw new StartRefusedException(
          name
              + ".timeout must be positive and leave two of parley.database.timeout"
              + " before parley.effects.lease is over");
    }
    return new WebhookTarget(
        url(name + ".url", webhook.url()), secret(name, webhook), webhook.timeout());
  }

  private static URI url(String name, String text) {
    try {
      URI url = new URI(text);
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (web && url.getHost() != null && url.getUserInfo() == null && url.getPort() <= 65535) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Told below, without quoting it.
    }
    throw new StartRefusedException(
        name + " must be of the form https://host/path, or http, without an account");
  }

  private static WebhookSecret secret(String name, WebhookConfig webhook) {
    String setting = name + ".secret";
    String text =
        Secrets.of(setting, webhook.secret(), webhook.secretFile())
            .orElseThrow(() ->
                new StartRefusedException(
                    "One of " + setting + " and " + setting + "-file must be given"));
    try {
      return WebhookSecret.of(text);
    } catch (IllegalArgumentException e) {
      throw new StartRefusedException(
          (webhook.secretFile().isPresent() ? setting + "-file" : setting)
              + " holds no secret: "
              + e.getMessage());
    }
  }
}
