package dev.parley.wire.call;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a call leads to. Nothing happens before it is subscribed to.
public sealed interface Answer {

  /// One JSON value.
  ///
  /// @param about the key of the session, or the user, it is about; a log line may name it
  record One(String about, Uni<String> json) implements Answer {}

  /// A stream of JSON values in batches; requesting the next batch says that the client
  /// acknowledged the one before.
  ///
  /// @param about as in [One]
  record Many(String about, Multi<Batch> batches) implements Answer {}

  /// Values of a stream that go together.
  ///
  /// @param committedNanos when the newest of them was committed, by `System.nanoTime`; absent: it
  ///   was read from the store, or is no frame
  record Batch(List<String> values, @Nullable Long committedNanos) {
    public Batch {
      values = List.copyOf(values);
    }
  }

  /// No call has this tag.
  record Unknown() implements Answer {}
}
