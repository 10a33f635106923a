package dev.parley.wire.turn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.effect.Delivery;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Frame;
import dev.parley.session.Incarnation;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.store.EncodedFrame;
import dev.parley.store.page.EndedTurn;
import dev.parley.store.page.TurnPlace;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TurnFollowerTest {
  private static final SessionKey KEY = new SessionKey("ann", "demo", "t");
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private static final MessageId ASKED = new MessageId("m1");
  private static final TurnId TURN = new TurnId("t1");
  private static final MessageId ANSWER = new MessageId("a1");
  private static final TurnOutcome DONE = new TurnOutcome.Completed(FinishReason.STOP);

  private final Source source = new Source();
  private final Told told = new Told();
  private final TurnFollower follower = follower(null);

  private TurnFollower follower(@Nullable TurnId turn) {
    return new TurnFollower(source, ASKED, turn, Runnable::run, told);
  }

  @Test
  void tellsARunningTurnFromItsFirstWord() {
    follower.start();
    source.state(streaming(ASKED, TURN, "1 "));
    source.frames(said(TURN, delta("2 ")), said(TURN, finish()), stopped(TURN, DONE));
    assertThat(told.words).containsExactly("start a1", "1 ", "2 ", "finish");
    assertThat(told.ends).containsExactly(new TurnEnd.Stopped(DONE));
    assertThat(source.last().cancelled).isTrue();
  }

  @Test
  void waitsForTheTurnOfAMessageInTheQueue() {
    follower.start();
    source.state(queued(streaming(new MessageId("m0"), new TurnId("t0"), "not ours")));
    source.frames(
        said(new TurnId("t0"), delta("nor this")), stopped(new TurnId("t0"), DONE), started());
    source.frames(said(TURN, new ChatStreamEvent.Start(ANSWER)), said(TURN, delta("1 ")));
    source.frames(stopped(TURN, DONE));
    assertThat(told.words).containsExactly("start a1", "1 ");
    assertThat(told.ends).containsExactly(new TurnEnd.Stopped(DONE));
  }

  @Test
  void tellsThatAWaitingMessageWasTakenOut() {
    follower.start();
    source.state(queued(streaming(new MessageId("m0"), new TurnId("t0"), "x")));
    source.frames(new Frame.MessageDequeued(ASKED, Frame.DequeueReason.REMOVED));
    assertThat(told.words).isEmpty();
    assertThat(told.ends).containsExactly(new TurnEnd.Removed());
  }

  @Test
  void tellsATurnThatIsOverAsItIsKept() {
    source.turns.add(place(TURN, false));
    follower.start();
    source.state(idle());
    assertThat(told.words).containsExactly("start a1", "text-start", "kept", "text-end", "finish");
    assertThat(told.ends).containsExactly(new TurnEnd.Stopped(DONE));
    assertThat(source.last().cancelled).isTrue();
  }

  @Test
  void knowsNoTurnOfAMessageThatNeverWas() {
    follower.start();
    source.state(idle());
    assertThat(told.ends).containsExactly(new TurnEnd.Removed());
  }

  /// The message's turn started just after the state was read.
  @Test
  void looksAgainWhenTheTurnBeganBetweenTwoLooks() {
    source.turns.add(place(TURN, true));
    follower.start();
    source.state(idle());
    assertThat(source.subscriptions).hasSize(2);
    source.state(streaming(ASKED, TURN, "1 "));
    source.frames(stopped(TURN, DONE));
    assertThat(told.words).containsExactly("start a1", "1 ");
    assertThat(told.ends).containsExactly(new TurnEnd.Stopped(DONE));
  }

  @Test
  void doesNotLookForEver() {
    for (int i = 0; i < 9; i++) {
      source.turns.add(place(TURN, true));
    }
    follower.start();
    for (int i = 0; i < 9 && told.ends.isEmpty(); i++) {
      source.state(idle());
    }
    assertThat(told.ends).containsExactly(new TurnEnd.Refused(Refusal.unavailable()));
    assertThat(source.subscriptions).hasSizeLessThan(5);
  }

  /// The message was answered again, and that turn is not the one that is meant.
  @Test
  void takesNoOtherTurnOfTheMessageForTheOneItKnows() {
    TurnFollower known = follower(TURN);
    source.turns.add(place(new TurnId("t2"), false));
    known.start();
    source.state(streaming(ASKED, new TurnId("t2"), "another answer"));
    assertThat(told.words).isEmpty();
    assertThat(told.ends)
        .containsExactly(new TurnEnd.Stopped(new TurnOutcome.Interrupted("interrupted")));
  }

  @Test
  void asksForNothingMoreBeforeTheListenerHasPassedOnWhatItHas() {
    told.prompt = false;
    follower.start();
    source.state(streaming(ASKED, TURN, "1 "));
    assertThat(source.last().requested).isEqualTo(1);
    told.taken.run();
    assertThat(source.last().requested).isEqualTo(2);
    source.frames(new Frame.SessionRenamed("nothing to pass on"));
    assertThat(source.last().requested).isEqualTo(3);
  }

  @Test
  void tellsTheEndAfterTheListenerHasPassedOnTheLastWords() {
    told.prompt = false;
    follower.start();
    source.state(streaming(ASKED, TURN, "1 "));
    told.taken.run();
    source.frames(said(TURN, finish()), stopped(TURN, DONE));
    assertThat(told.ends).isEmpty();
    told.taken.run();
    assertThat(told.ends).containsExactly(new TurnEnd.Stopped(DONE));
  }

  @Test
  void tellsARefusalOnce() {
    follower.start();
    source.state(streaming(ASKED, TURN, "1 "));
    source.last().fail(new RefusedException(Refusal.unavailable()));
    source.last().fail(new RefusedException(Refusal.unavailable()));
    assertThat(told.ends).containsExactly(new TurnEnd.Refused(Refusal.unavailable()));
  }

  @Test
  void tellsThatTheSessionWasDeleted() {
    follower.start();
    source.state(streaming(ASKED, TURN, "1 "));
    source.frames(new Frame.SessionDeleted(KEY));
    assertThat(told.ends).containsExactly(new TurnEnd.Deleted());
  }

  /// Retention has overtaken a reader that was very slow, behind the end of its turn.
  @Test
  void doesNotGuessAnEndThatItWasNotTold() {
    follower.start();
    source.state(streaming(ASKED, TURN, "1 "));
    source.state(idle());
    assertThat(told.words).containsExactly("start a1", "1 ");
    assertThat(told.ends).containsExactly(new TurnEnd.Refused(Refusal.unavailable()));
  }

  @Test
  void saysNothingAfterItWasCancelled() {
    follower.start();
    source.state(streaming(ASKED, TURN, "1 "));
    Subscription subscription = source.last();
    follower.cancel();
    assertThat(subscription.cancelled).isTrue();
    source.frames(said(TURN, delta("2 ")), stopped(TURN, DONE));
    assertThat(told.words).containsExactly("start a1", "1 ");
    assertThat(told.ends).isEmpty();
  }

  // What it reads.

  private static SessionState.Idle idle() {
    return (SessionState.Idle)
        new SessionState.Absent()
            .evolve(new Event.SessionCreated(KEY, new Incarnation("i"), null, NOW), 0);
  }

  private static SessionState.Streaming streaming(MessageId message, TurnId turn, String said) {
    SessionState.Streaming begun =
        (SessionState.Streaming)
            idle().evolve(new Event.TurnStarted(turn, ANSWER, user(message), NOW), 3);
    return begun.resume(TurnOutput.EMPTY.append(new ChatStreamEvent.TextDelta("x", said)), 4);
  }

  private static SessionState.Present queued(SessionState.Streaming busy) {
    return (SessionState.Present) busy.evolve(new Event.MessageQueued(user(ASKED), false), 5);
  }

  private static UserMessage user(MessageId id) {
    return new UserMessage(id, "hello", null, null, NOW);
  }

  private static TurnPlace place(TurnId turn, boolean running) {
    return new TurnPlace(
        1,
        turn,
        ASKED,
        ANSWER,
        running ? "streaming" : "completed",
        running ? null : "stop",
        3,
        running ? null : 9L);
  }

  private static ChatStreamEvent.TextDelta delta(String text) {
    return new ChatStreamEvent.TextDelta("x", text);
  }

  private static ChatStreamEvent finish() {
    return new ChatStreamEvent.Finish(FinishReason.STOP, Usage.NONE);
  }

  private static Frame said(TurnId turn, ChatStreamEvent event) {
    return new Frame.StreamEvent(turn, event);
  }

  private static Frame started() {
    return new Frame.SessionStarted(TURN, ASKED, NOW);
  }

  private static Frame stopped(TurnId turn, TurnOutcome outcome) {
    return new Frame.SessionStopped(turn, outcome, false);
  }

  /// One subscription, fed by hand.
  private static final class Subscription implements Flow.Subscription {
    private final Flow.Subscriber<? super Delivery> subscriber;
    private long requested;
    private boolean cancelled;

    Subscription(Flow.Subscriber<? super Delivery> subscriber) {
      this.subscriber = subscriber;
    }

    void deliver(Delivery delivery) {
      subscriber.onNext(delivery);
    }

    void fail(Throwable failure) {
      subscriber.onError(failure);
    }

    @Override
    public void request(long n) {
      requested += n;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private static final class Source implements TurnSource {
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final List<TurnPlace> turns = new ArrayList<>();

    Subscription last() {
      return subscriptions.getLast();
    }

    void state(SessionState.Present state) {
      last().deliver(new Delivery(new Delivery.Opening(state, false, "{}"), List.of()));
    }

    void frames(Frame... frames) {
      List<EncodedFrame> encoded = new ArrayList<>();
      for (Frame frame : frames) {
        encoded.add(EncodedFrame.of(1, frame));
      }
      last().deliver(new Delivery(null, encoded));
    }

    @Override
    public Multi<Delivery> subscribe() {
      return Multi.createFrom()
          .publisher(subscriber -> {
            Subscription subscription = new Subscription(subscriber);
            subscriptions.add(subscription);
            subscriber.onSubscribe(subscription);
          });
    }

    @Override
    public Uni<Optional<TurnPlace>> turnOf(MessageId id) {
      assertThat(id).isEqualTo(ASKED);
      return Uni.createFrom()
          .item(turns.isEmpty() ? Optional.empty() : Optional.of(turns.removeFirst()));
    }

    @Override
    public Uni<EndedTurn> ended(TurnPlace turn) {
      return Uni.createFrom()
          .item(new EndedTurn(ANSWER, List.of(new MessagePart.Text("kept")), DONE, Usage.NONE));
    }
  }

  private static final class Told implements TurnFollower.Listener {
    private final List<String> words = new ArrayList<>();
    private final List<TurnEnd> ends = new ArrayList<>();
    private boolean prompt = true;
    private Runnable taken = () -> {};

    @Override
    public void said(List<ChatStreamEvent> events, Runnable taken) {
      assertThat(events).isNotEmpty();
      assertThat(ends).isEmpty();
      for (ChatStreamEvent event : events) {
        words.add(
            switch (event) {
              case ChatStreamEvent.Start start -> "start " + start.messageId().value();
              case ChatStreamEvent.TextDelta delta -> delta.delta();
              case ChatStreamEvent.TextStart _ -> "text-start";
              case ChatStreamEvent.TextEnd _ -> "text-end";
              case ChatStreamEvent.Finish _ -> "finish";
              default -> throw new AssertionError(event.toString());
            });
      }
      this.taken = taken;
      if (prompt) {
        taken.run();
      }
    }

    @Override
    public void ended(TurnEnd end) {
      ends.add(end);
    }
  }
}
