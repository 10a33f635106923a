package dev.parley.effect.discrete;

import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.store.ClaimedEffect;
import dev.parley.store.ColdReads;
import dev.parley.store.StoreUnavailableException;
import dev.parley.store.json.ChatMessageJson;
import dev.parley.store.json.EffectJson;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Tells an agent's webhook of a finished message: its body is the message as history shows it,
/// read when it is sent, for text is stored once. Signed as Standard Webhooks has it; its id is the
/// effect's, the same for every attempt.
public final class WebhookHandler implements EffectHandler {
  private static final int SUCCESS_MIN = 200;
  private static final int SUCCESS_MAX = 299;

  private final Map<String, WebhookTarget> targets;
  private final ColdReads reads;
  private final Webhook webhook;
  private final EventLoop loop;

  /// @param targets by the id of the agent
  /// @param loop whose clock the signatures carry
  public WebhookHandler(
      Map<String, WebhookTarget> targets, ColdReads reads, Webhook webhook, EventLoop loop) {
    this.targets = Map.copyOf(targets);
    this.reads = reads;
    this.webhook = webhook;
    this.loop = loop;
  }

  @Override
  public Uni<Outcome> execute(ClaimedEffect effect) {
    @Nullable WebhookTarget target = targets.get(effect.key().agentId());
    if (target == null) {
      // A configuration that was forgotten may come back.
      return Uni.createFrom().item(new Outcome.Failed("no webhook is configured", true));
    }
    return Uni.createFrom()
        .deferred(() -> reads.message(effect.sid(), EffectJson.messageId(effect.payload())))
        .flatMap(message -> post(effect, target, message))
        .onFailure(StoreUnavailableException.class)
        .recoverWithItem(new Outcome.Failed("the store was away", true))
        .onFailure(UnreadableException.class)
        .recoverWithItem(new Outcome.Failed("the message cannot be read", true));
  }

  private Uni<Outcome> post(
      ClaimedEffect effect, WebhookTarget target, Optional<ChatMessage> message) {
    if (message.isEmpty()) {
      return Uni.createFrom().item(new Outcome.Failed("the message is gone", false));
    }
    String body = ChatMessageJson.encode(effect.key(), message.get());
    String timestamp = Long.toString(loop.now().getEpochSecond());
    Map<String, String> headers =
        Map.of(
            "content-type",
            "application/json",
            "user-agent",
            "parley",
            "idempotency-key",
            effect.id(),
            "webhook-id",
            effect.id(),
            "webhook-timestamp",
            timestamp,
            "webhook-signature",
            target.secret().sign(effect.id(), timestamp, body));
    return webhook
        .post(new Webhook.Post(target.url(), headers, body, target.timeout()))
        .map(WebhookHandler::outcome);
  }

  private static Outcome outcome(Webhook.Answer answer) {
    return switch (answer) {
      case Webhook.Answer.Status status ->
          status.code() >= SUCCESS_MIN && status.code() <= SUCCESS_MAX
              ? new Outcome.Done()
              : new Outcome.Failed("status " + status.code(), true);
      case Webhook.Answer.None none -> new Outcome.Failed(none.reason(), true);
    };
  }
}
