package dev.parley.store.page;

import java.util.List;

/// Some of many, in order.
///
/// @param hasMore there is more in the direction that was read
public record Page<T>(List<T> items, boolean hasMore) {
  public Page {
    items = List.copyOf(items);
  }
}
