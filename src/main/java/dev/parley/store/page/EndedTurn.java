package dev.parley.store.page;

import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.session.Event.TurnOutcome;
import java.util.List;

/// A turn that is over, as far as it is kept.
///
/// @param answer what was said; empty when nothing was
public record EndedTurn(
    MessageId answerId, List<MessagePart> answer, TurnOutcome outcome, Usage usage) {
  public EndedTurn {
    answer = List.copyOf(answer);
  }
}
