package dev.parley.actor;

import dev.parley.content.JsonText;
import dev.parley.session.Command;
import dev.parley.session.Decision;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.Effect;
import dev.parley.session.Event;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.trace.Incoming;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What is decided and not committed yet: one after the other on a copy of the committed state,
/// with the answers that become true with the commit. A refusal waits for it too: it may rest on
/// what another command of the same draft changed.
final class Draft {
  private final SessionKey key;
  private final SessionDecider decider;
  private final List<NumberedEvent> events = new ArrayList<>();
  private final List<NumberedFrame> frames = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private SessionState state;
  private @Nullable JsonText checkpoint;
  private @Nullable Long waitsSinceNanos;

  private record Waiting(Letter letter, Decision decision, SessionState state) {}

  /// @param checkpoint the agent's own state behind `committed`
  Draft(
      SessionState committed,
      @Nullable JsonText checkpoint,
      SessionKey key,
      SessionDecider decider) {
    this.state = committed;
    this.checkpoint = checkpoint;
    this.key = key;
    this.decider = decider;
  }

  SessionState state() {
    return state;
  }

  @Nullable JsonText checkpoint() {
    return checkpoint;
  }

  List<NumberedEvent> events() {
    return events;
  }

  List<NumberedFrame> frames() {
    return frames;
  }

  List<Effect> effects() {
    return effects;
  }

  /// What the agent said, the oldest of it then, is in it.
  void waitsSince(long nanos) {
    waitsSinceNanos = nanos;
  }

  @Nullable Long waitsSinceNanos() {
    return waitsSinceNanos;
  }

  boolean isEmpty() {
    return events.isEmpty() && frames.isEmpty() && effects.isEmpty();
  }

  /// Whether somebody waits for it.
  boolean holdsLetters() {
    return !waiting.isEmpty();
  }

  /// Whether a snapshot must go with it: a turn has ended, or history is another one.
  boolean endsAChapter() {
    return events.stream()
        .anyMatch(e ->
            e.event() instanceof Event.TurnEnded || e.event() instanceof Event.MessagesDiscarded);
  }

  /// Decides what nobody waits for.
  void decide(Command command) {
    take(decider.decide(key, state, command));
  }

  /// Decides what somebody waits for, who is told too when that cannot be done.
  ///
  /// @return false: nothing is decided, because only the store knows enough
  boolean decide(Letter letter) {
    Decision decision;
    try {
      decision = decider.decide(key, state, letter.command());
    } catch (RuntimeException defect) {
      letter.refuse(SessionFailures.BROKEN);
      throw defect;
    }
    if (LookUp.isNeeded(letter, state, decision)) {
      return false;
    }
    take(decision);
    waiting.add(new Waiting(letter, decision, state));
    return true;
  }

  private void take(Decision decision) {
    if (decision instanceof Decision.Accepted accepted) {
      events.addAll(accepted.events());
      frames.addAll(accepted.frames());
      effects.addAll(accepted.effects());
      state = accepted.after();
      checkpoint =
          switch (accepted.checkpoint()) {
            case Decision.Checkpoint.Same _ -> checkpoint;
            case Decision.Checkpoint.None _ -> null;
            case Decision.Checkpoint.Of given -> given.json();
          };
    }
  }

  /// What came from clients and was accepted, with what it is answered; before [#answer].
  void accepted(BiConsumer<Incoming, Reply> each) {
    for (Waiting letter : waiting) {
      if (letter.letter().incoming() != null
          && letter.decision() instanceof Decision.Accepted accepted) {
        each.accept(letter.letter().incoming(), accepted.reply());
      }
    }
  }

  /// The draft is durable: everybody gets the answer that was decided.
  void answer() {
    for (Waiting each : waiting) {
      switch (each.decision()) {
        case Decision.Accepted accepted -> each.letter().answer(accepted.reply(), each.state());
        case Decision.Refused refused -> each.letter().refuse(refused.refusal());
      }
    }
    waiting.clear();
  }

  /// The draft is not, or not known to be: everybody who waits gets the same refusal. Idempotent.
  void refuse(Refusal refusal) {
    waiting.forEach(each -> each.letter().refuse(refusal));
    waiting.clear();
  }
}
