package dev.parley.effect;

import java.util.List;

/// One batch for a subscriber: SessionEvents of the contract, encoded, in order.
///
/// @param values JSON texts, at least one; the first batch begins with the `InitialState`
/// @param seq the subscriber's cursor once it has this batch
public record Delivery(List<String> values, long seq) {
  public Delivery {
    values = List.copyOf(values);
  }
}
