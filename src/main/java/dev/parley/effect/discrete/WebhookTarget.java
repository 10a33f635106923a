package dev.parley.effect.discrete;

import java.net.URI;
import java.time.Duration;

/// Where the webhooks of an agent go.
///
/// @param timeout of one call
public record WebhookTarget(URI url, WebhookSecret secret, Duration timeout) {
  /// An address may hold a token: it is shown nowhere.
  @Override
  public String toString() {
    return "a webhook";
  }
}
