package dev.parley.session;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.Utf8;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a user said.
///
/// @param parts the message's parts as the client gave them, an array; absent: the content is all
/// @param at when it was accepted; while it waits in the queue, since when
public record UserMessage(
    MessageId id,
    String content,
    @Nullable JsonText parts,
    @Nullable ClientMessageId clientMessageId,
    Instant at) {

  /// What it takes in UTF-8, its parts included.
  public long bytes() {
    return Utf8.length(content) + (parts == null ? 0 : Utf8.length(parts.text()));
  }
}
