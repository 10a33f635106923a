package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What one client was told about one session, over all its subscriptions, for the [Checker] to
/// judge. Safe for use by many threads.
public final class ClientLog {
  private final String client;
  private final String sessionId;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final List<String> acknowledged = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();
  private @Nullable Long cursor;
  private @Nullable String incarnation;

  /// One subscription: the cursor it was given and everything that came, in order.
  ///
  /// @param afterSeq absent: a first subscription
  public record Subscription(@Nullable Long afterSeq, List<JsonNode> received) {}

  /// What came of a call.
  public sealed interface Answer {
    /// A send under this name was taken.
    ///
    /// @param turnId absent: the message waits
    record Sent(String clientMessageId, String messageId, @Nullable String turnId)
        implements Answer {}

    /// A send under this name was refused: nothing of it happened.
    record Refused(String clientMessageId) implements Answer {}

    /// Nobody said whether a send under this name happened.
    record Unanswered(String clientMessageId) implements Answer {}

    /// A turn was interrupted, and this frame tells so.
    record Interrupted(String turnId, long seq) implements Answer {}

    /// A waiting message was taken out of the queue.
    record Removed(String messageId) implements Answer {}

    /// The session's state: a snapshot with the number of the frame behind which it holds.
    record State(JsonNode state) implements Answer {}
  }

  /// @param client any name, for telling violations apart
  /// @param sessionId the session's key
  public ClientLog(String client, String sessionId) {
    this.client = client;
    this.sessionId = sessionId;
  }

  public String client() {
    return client;
  }

  public String sessionId() {
    return sessionId;
  }

  /// The client subscribes.
  ///
  /// @return takes what comes on this subscription; deaf once there is a newer one, as the client
  ///   is
  public synchronized Consumer<JsonNode> subscribing(@Nullable Long afterSeq) {
    subscriptions.add(new Subscription(afterSeq, new ArrayList<>()));
    int number = subscriptions.size();
    return event -> received(number, event);
  }

  /// A SessionEvent came on the newest subscription.
  public synchronized void received(JsonNode event) {
    received(subscriptions.size(), event);
  }

  private synchronized void received(int number, JsonNode event) {
    if (number < subscriptions.size()) {
      return;
    }
    Subscription subscription = subscriptions.getLast();
    boolean initial = event.path("_tag").asText().equals("InitialState");
    if (initial) {
      incarnation = event.path("incarnation").asText();
    }
    if (event.has("seq") && (!initial || adopts(subscription, event))) {
      cursor = event.path("seq").asLong();
    }
    subscription.received().add(event);
    notifyAll();
  }

  /// The server answered a send of this client with success.
  public synchronized void acknowledged(String messageId) {
    acknowledged.add(messageId);
  }

  /// The server answered another call of this client, or did not.
  public synchronized void answered(Answer answer) {
    answers.add(answer);
  }

  public synchronized List<Answer> answers() {
    return List.copyOf(answers);
  }

  /// The last frame this client has, what it resumes after.
  public synchronized @Nullable Long cursor() {
    return cursor;
  }

  public synchronized @Nullable String incarnation() {
    return incarnation;
  }

  public synchronized List<String> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /// A copy of what was recorded so far.
  public synchronized List<Subscription> subscriptions() {
    return subscriptions.stream()
        .map(s -> new Subscription(s.afterSeq(), List.copyOf(s.received())))
        .toList();
  }

  /// Everything that came but the initial states, over all subscriptions.
  public synchronized List<JsonNode> events() {
    return subscriptions.stream()
        .flatMap(s -> s.received().stream())
        .filter(event -> !event.path("_tag").asText().equals("InitialState"))
        .toList();
  }

  /// The text that the deltas of a turn's text parts add up to.
  public String text(String turnId) {
    StringBuilder text = new StringBuilder();
    for (JsonNode event : events()) {
      if (event.path("turnId").asText().equals(turnId)
          && event.path("event").path("type").asText().equals("text-delta")) {
        text.append(event.path("event").path("delta").asText());
      }
    }
    return text.toString();
  }

  /// How many events of this kind came.
  public long count(String tag) {
    return events().stream().filter(event -> event.path("_tag").asText().equals(tag)).count();
  }

  /// How a turn ended; absent: it has not, as far as this client knows.
  public @Nullable JsonNode stop(String turnId) {
    return events().stream()
        .filter(event ->
            event.path("_tag").asText().equals("SessionStopped")
                && event.path("turnId").asText().equals(turnId))
        .findFirst()
        .orElse(null);
  }

  /// Whether this client knows of a turn's end.
  public boolean isStopped(String turnId) {
    return stop(turnId) != null;
  }

  /// Waits until it does.
  ///
  /// @throws AssertionError when it does not in time
  public void awaitStop(String turnId, Duration limit) {
    await(() -> isStopped(turnId), limit, "the end of turn " + turnId);
  }

  /// Waits until what was recorded fulfils the condition, looking at it after each event.
  ///
  /// @throws AssertionError when it does not in time
  public synchronized void await(BooleanSupplier condition, Duration limit, String what) {
    long begin = System.nanoTime();
    try {
      while (!condition.getAsBoolean()) {
        long leftMs = limit.minusNanos(System.nanoTime() - begin).toMillis();
        if (leftMs <= 0) {
          throw new AssertionError(
              "client " + client + " of " + sessionId + " did not see " + what + " in " + limit);
        }
        wait(leftMs);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /// Waits until the newest subscription has brought something: the initial state is first, and
  /// every frame of what is done from now on comes behind it.
  ///
  /// @throws AssertionError when it does not in time
  public void awaitState(Duration limit) {
    await(() -> !subscriptions.getLast().received().isEmpty(), limit, "the initial state");
  }

  /// Whether a client takes the state's `seq` for its cursor: on a resume it does not.
  static boolean adopts(Subscription subscription, JsonNode initialState) {
    return subscription.afterSeq() == null || initialState.path("reset").asBoolean();
  }
}
