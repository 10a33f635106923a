package dev.parley.store;

import dev.parley.content.JsonText;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.Effect;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Deleted;
import dev.parley.session.SessionState.Present;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What one session wants written, whole or not at all.
///
/// @param epoch the owner epoch under which it was decided; in a later one nothing is written
/// @param before the state it was decided on; its heads are what the store must still have
/// @param after the state once it is written
/// @param snapshot write `after` as the session's snapshot, and `checkpoint` with it
/// @param checkpoint the agent's own state behind `after`; absent: it has none
/// @param waitsSinceNanos the `nanoTime` of the oldest word in it; absent: no agent's words are
/// @param commitId new for ever; the head remembers it, so that a lost answer can be found again
public record Append(
    long sid,
    long epoch,
    UUID commitId,
    SessionState before,
    SessionState after,
    List<NumberedEvent> events,
    List<NumberedFrame> frames,
    List<Effect> effects,
    boolean snapshot,
    @Nullable JsonText checkpoint,
    @Nullable Long waitsSinceNanos) {
  public Append {
    events = List.copyOf(events);
    frames = List.copyOf(frames);
    effects = List.copyOf(effects);
    if (after.eventSeq() != before.eventSeq() + events.size()
        || after.frameSeq() != before.frameSeq() + frames.size()) {
      throw new IllegalArgumentException("the heads do not follow from the events and frames");
    }
    // Their order is that of the events.
    if (events.isEmpty() && !effects.isEmpty()) {
      throw new IllegalArgumentException("an effect is caused by an event");
    }
  }

  /// What lists may show anew.
  ///
  /// @param at when the session was active last
  record Change(SessionKey key, Instant at) {}

  /// The change for lists; absent when nothing but words were said, or nobody ever saw the session.
  @Nullable Change change() {
    if (events.isEmpty()) {
      return null;
    }
    return switch (after) {
      case Present present -> new Change(present.core().key(), present.core().lastActivityAt());
      case Deleted deleted ->
          before instanceof Present present ? new Change(present.core().key(), deleted.at()) : null;
      case Absent _ -> null;
    };
  }
}
