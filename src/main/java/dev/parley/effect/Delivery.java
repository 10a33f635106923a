package dev.parley.effect;

import dev.parley.session.SessionState;
import dev.parley.store.EncodedFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One batch for a subscriber: SessionEvents of the contract, encoded, in order.
///
/// @param opening stands before the frames: in the first batch, and where a subscription begins
///   again because its cursor could not be honoured
/// @param frames those that follow it, adjacent deltas of one part joined; not empty without it
/// @param committedNanos when the last of them was committed, by the loop's clock, where that was
///   just now; absent: the subscriber is behind, or had not asked for them yet
public record Delivery(
    @Nullable Opening opening, List<EncodedFrame> frames, @Nullable Long committedNanos) {

  /// The `InitialState`.
  ///
  /// @param state the session at one instant; on a resume without what its turn has said
  /// @param reset the client's cursor could not be honoured
  public record Opening(SessionState.Present state, boolean reset, String json) {}

  /// One that was not committed just now.
  public Delivery(@Nullable Opening opening, List<EncodedFrame> frames) {
    this(opening, frames, null);
  }

  public Delivery {
    frames = List.copyOf(frames);
    if (opening == null && frames.isEmpty()) {
      throw new IllegalArgumentException("a batch without anything in it");
    }
  }

  /// The subscriber's cursor once it has this batch.
  public long seq() {
    if (!frames.isEmpty()) {
      return frames.getLast().seq();
    }
    return Objects.requireNonNull(opening).state().frameSeq();
  }

  /// The JSON texts, at least one.
  public List<String> values() {
    List<String> values = new ArrayList<>(frames.size() + 1);
    if (opening != null) {
      values.add(opening.json());
    }
    frames.forEach(frame -> values.add(frame.json()));
    return values;
  }
}
