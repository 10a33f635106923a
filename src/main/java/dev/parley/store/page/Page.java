package dev.parley.store.page;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Some of many, in order.
///
/// @param hasMore there is more in the direction that was read
public record Page<T>(List<T> items, boolean hasMore) {
  public Page {
    items = List.copyOf(items);
  }

  /// The page as one JSON object.
  ///
  /// @param name of the field that holds the items
  /// @param item the JSON of one of them
  public String json(String name, Function<T, String> item) {
    return items.stream()
        .map(item)
        .collect(Collectors.joining(",", "{\"" + name + "\":[", "],\"hasMore\":" + hasMore + "}"));
  }
}
