package dev.parley.effect.discrete;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.effect.discrete.DiscreteWorld.Session;
import dev.parley.effect.discrete.EffectHandler.Outcome;
import dev.parley.effect.discrete.Webhook.Answer;
import dev.parley.session.ChatMessage;
import dev.parley.session.Effect;
import dev.parley.store.ClaimedEffect;
import dev.parley.store.EffectStatus;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.json.ChatMessageJson;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init")
final class WebhookHandlerTest {
  private static final URI URL = URI.create("https://receiver.example/hook?token=hush");
  private static final WebhookSecret SECRET = WebhookSecret.of("plain text");

  private final DiscreteWorld world = new DiscreteWorld();
  private final List<Webhook.Post> posts = new ArrayList<>();
  private final WebhookTarget target = new WebhookTarget(URL, SECRET, Duration.ofSeconds(7));
  private Answer answer = new Answer.Status(200);
  private final WebhookHandler handler =
      new WebhookHandler(
          Map.of("demo", target),
          world.store,
          post -> {
            posts.add(post);
            return Uni.createFrom().item(answer);
          },
          world.loop);

  private Session session;
  private String answerId;

  @BeforeEach
  void answer() {
    session = world.session();
    answerId = world.answer(session, "effect-1", "It is \"so\" – ☃");
  }

  @Test
  void postsTheFinishedMessageAsHistoryShowsIt() {
    assertThat(execute()).isEqualTo(new Outcome.Done());
    assertThat(posts).hasSize(1);
    Webhook.Post post = posts.getFirst();
    assertThat(post.url()).isEqualTo(URL);
    assertThat(post.timeout()).isEqualTo(Duration.ofSeconds(7));
    ChatMessage message = world.await(world.store.history(session.sid, 1, 1 << 20)).getFirst();
    assertThat(message.id()).isEqualTo(new MessageId(answerId));
    assertThat(post.body()).isEqualTo(ChatMessageJson.encode(session.key, message));
    assertThat(post.body()).contains("It is \\\"so\\\" – ☃");
  }

  @Test
  void signsEveryAttemptUnderTheSameIdWithItsOwnTime() {
    Outcome _ = execute();
    world.loop.advance(Duration.ofSeconds(90));
    Outcome _ = execute();
    assertThat(posts).extracting(Webhook.Post::body).containsOnly(posts.getFirst().body());
    for (Webhook.Post post : posts) {
      String timestamp = post.headers().getOrDefault("webhook-timestamp", "");
      assertThat(post.headers())
          .containsOnlyKeys(
              "content-type",
              "user-agent",
              "idempotency-key",
              "webhook-id",
              "webhook-timestamp",
              "webhook-signature")
          .containsEntry("content-type", "application/json")
          .containsEntry("webhook-id", "effect-1")
          .containsEntry("idempotency-key", "effect-1")
          .containsEntry("webhook-signature", SECRET.sign("effect-1", timestamp, post.body()));
    }
    long first = Long.parseLong(posts.getFirst().headers().getOrDefault("webhook-timestamp", ""));
    long second = Long.parseLong(posts.getLast().headers().getOrDefault("webhook-timestamp", ""));
    assertThat(second - first).isEqualTo(90);
    assertThat(second).isEqualTo(world.loop.now().getEpochSecond());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 204, 299})
  void takesEveryStatusOfSuccessForSuccess(int status) {
    answer = new Answer.Status(status);
    assertThat(execute()).isEqualTo(new Outcome.Done());
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 199, 300, 302, 307, 400, 401, 404, 410, 429, 500, 503})
  void triesAgainAfterEveryOtherStatus(int status) {
    answer = new Answer.Status(status);
    assertThat(execute()).isEqualTo(new Outcome.Failed("status " + status, true));
  }

  @Test
  void triesAgainWithoutAnAnswer() {
    answer = new Answer.None("timed out");
    assertThat(execute()).isEqualTo(new Outcome.Failed("timed out", true));
  }

  @Test
  void waitsForAConfigurationThatIsMissing() {
    WebhookHandler unconfigured =
        new WebhookHandler(
            Map.of("other", target), world.store, _ -> Uni.createFrom().nothing(), world.loop);
    assertThat(world.await(unconfigured.execute(claimed(answerId))))
        .isEqualTo(new Outcome.Failed("no webhook is configured", true));
  }

  @Test
  void givesUpAMessageThatIsGone() {
    assertThat(world.await(handler.execute(claimed("another"))))
        .isEqualTo(new Outcome.Failed("the message is gone", false));
    assertThat(posts).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{}", "{\"messageId\":null}", "{\"messageId\":\"\"}", "[1]"})
  void triesAgainLaterWhatThisVersionCannotRead(String payload) {
    ClaimedEffect effect =
        new ClaimedEffect(
            "effect-1",
            session.sid,
            session.key,
            Effect.Kind.CALL_WEBHOOK,
            new JsonText(payload),
            1,
            0);
    assertThat(world.await(handler.execute(effect)))
        .isEqualTo(new Outcome.Failed("the message cannot be read", true));
  }

  @Test
  void triesAgainWhenTheStoreWasAway() {
    world.fault = () -> CallFault.LOST_BEFORE;
    assertThat(execute()).isEqualTo(new Outcome.Failed("the store was away", true));
  }

  @Test
  void showsNeitherAddressNorSecretNorText() {
    Outcome _ = execute();
    assertThat(target.toString() + posts.getFirst())
        .doesNotContain("hush", "receiver", "plain text", "It is");
  }

  @Test
  void isExecutedFromItsCommitOn() {
    answer = new Answer.Status(500);
    var _ = world.started(handler);
    assertThat(posts).hasSize(1);
    assertThat(world.find("effect-1").lastError()).isEqualTo("status 500");
    answer = new Answer.Status(200);
    world.loop.advance(Duration.ofSeconds(2));
    assertThat(posts).hasSize(2);
    assertThat(world.find("effect-1").status()).isEqualTo(EffectStatus.COMPLETED);
  }

  private Outcome execute() {
    return world.await(handler.execute(claimed(answerId)));
  }

  private ClaimedEffect claimed(String messageId) {
    return new ClaimedEffect(
        "effect-1",
        session.sid,
        session.key,
        Effect.Kind.CALL_WEBHOOK,
        new JsonText("{\"turnId\":\"turn-1\",\"messageId\":\"" + messageId + "\"}"),
        1,
        0);
  }
}
