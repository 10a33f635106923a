package dev.parley.wire.call;

import dev.parley.effect.Delivery;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/// What a call leads to. Nothing happens before it is subscribed to.
public sealed interface Answer {

  /// One JSON value.
  ///
  /// @param about what a log line may call it by
  record One(String about, Uni<String> json) implements Answer {}

  /// A stream; requesting the next item says that the client acknowledged the one before.
  ///
  /// @param about what a log line may call it by
  record Many(String about, Multi<Delivery> deliveries) implements Answer {}

  /// No call has this tag.
  record Unknown() implements Answer {}
}
