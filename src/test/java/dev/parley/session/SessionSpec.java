package dev.parley.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.session.Decision.Accepted;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.SessionDecider.Limits;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Streaming;
import java.util.Set;

/// A rule of the decider as an example: given what happened, when a command comes, then this.
final class SessionSpec {
  static final Limits LIMITS = new Limits(3, 10_000, 1000);

  /// Agents about whose turns a webhook is called.
  static final Set<String> ANNOUNCED = Set.of("herald");

  static final SessionKey KEY = new SessionKey("ann", "demo", "thread");

  private SessionSpec() {}

  static Given given(Event... past) {
    SessionState state = new Absent();
    for (Event event : past) {
      state = state.evolve(event, state.frameSeq() + framesOf(event));
    }
    return new Given(state);
  }

  /// How many frames such an event causes; a turn's end without open parts.
  private static int framesOf(Event event) {
    return switch (event) {
      case Event.SessionCreated _ -> 0;
      case Event.MessageQueued _ -> 1;
      case Event.MessageRemoved _ -> 1;
      case Event.TurnStarted _ -> 3;
      case Event.TurnRegenerated _ -> 3;
      case Event.TurnResumed _, Event.TurnSpent _ -> 0;
      case Event.MessagesDiscarded _ -> 1;
      case Event.SessionRenamed _ -> 1;
      case Event.SessionTouched _, Event.IncarnationRenewed _ -> 0;
      case Event.SessionDeleted _ -> 1;
      case Event.QueuedTurnStarted _ -> 4;
      case Event.TurnEnded _ -> 2;
    };
  }

  record Given(SessionState state) {
    /// And the running agent has said this.
    Given saying(Content... contents) {
      Streaming streaming = (Streaming) state;
      for (Content content : contents) {
        streaming = streaming.say(content);
      }
      return new Given(streaming);
    }

    When when(Command command) {
      return new When(
          state, new SessionDecider(LIMITS, ANNOUNCED::contains).decide(KEY, state, command));
    }
  }

  record When(SessionState before, Decision decision) {
    /// Exactly these events, numbered on from the state's, and the fold of it all as the new state.
    Then then(Event... events) {
      assertThat(decision).isInstanceOf(Accepted.class);
      Accepted accepted = (Accepted) decision;
      assertThat(accepted.events()).extracting(NumberedEvent::event).containsExactly(events);
      for (int i = 0; i < accepted.events().size(); i++) {
        assertThat(accepted.events().get(i).seq()).isEqualTo(before.eventSeq() + i + 1);
      }
      for (int i = 0; i < accepted.frames().size(); i++) {
        assertThat(accepted.frames().get(i).seq()).isEqualTo(before.frameSeq() + i + 1);
      }
      assertThat(accepted.after())
          .isEqualTo(Folds.fold(before, accepted.events(), accepted.frames()));
      return new Then(accepted);
    }

    /// Accepted without any trace.
    void thenNothing(Reply reply) {
      then().telling().answering(reply);
      assertThat(((Accepted) decision).after()).isEqualTo(before);
    }

    void thenRefused(Refusal refusal) {
      assertThat(decision).isEqualTo(new Decision.Refused(refusal));
    }
  }

  record Then(Accepted accepted) {
    Then telling(Frame... frames) {
      assertThat(accepted.frames()).extracting(NumberedFrame::frame).containsExactly(frames);
      return this;
    }

    Then answering(Reply reply) {
      assertThat(accepted.reply()).isEqualTo(reply);
      return this;
    }

    SessionState after() {
      return accepted.after();
    }
  }
}
