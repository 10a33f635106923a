package dev.parley.store.page;

import dev.parley.content.MessageId;

/// Where in a session's history a page is read. A discarded message is a place too.
public sealed interface HistoryPlace {

  /// The oldest messages.
  record Beginning() implements HistoryPlace {}

  /// Those that follow one.
  record After(MessageId id) implements HistoryPlace {}

  /// The nearest that precede one.
  record Before(MessageId id) implements HistoryPlace {}

  /// The newest messages.
  record End() implements HistoryPlace {}
}
