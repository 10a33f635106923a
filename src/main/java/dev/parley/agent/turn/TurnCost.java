package dev.parley.agent.turn;

import dev.parley.agent.AgentEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.Usage;
import dev.parley.content.Utf8;
import java.util.function.Consumer;

/// What a turn has cost: what providers have counted, and an estimate of the call that runs. It is
/// told as it grows, since a turn may be stopped at any time.
final class TurnCost {
  /// How much more an answer is estimated to have cost before that is told.
  private static final int TOLD_EVERY_TOKENS = 256;

  private final Consumer<AgentEvent> told;
  private Usage counted;
  private long input;
  private long saidBytes;
  private long toldTokens;
  private boolean asking;
  private boolean said;

  /// @param before what the turn has cost already
  TurnCost(Usage before, Consumer<AgentEvent> told) {
    this.counted = before;
    this.told = told;
  }

  /// What providers have counted.
  Usage spent() {
    return counted;
  }

  /// Whether the call that runs, or ran last, has said anything.
  boolean hasSaid() {
    return said;
  }

  /// A call begins.
  void asked(long inputTokens) {
    input = inputTokens;
    saidBytes = 0;
    toldTokens = 0;
    said = false;
    asking = true;
    tell();
  }

  void said(Content content) {
    if (!asking) {
      return;
    }
    said = true;
    if (content instanceof Delta delta) {
      saidBytes += Utf8.length(delta.text());
      if (outputTokens() >= toldTokens + TOLD_EVERY_TOKENS) {
        tell();
      }
    }
  }

  /// The call has come to its end.
  void answered(Usage usage) {
    asking = false;
    // a provider that does not count is believed to have cost what was estimated
    counted = counted.plus(usage.equals(Usage.NONE) ? Usage.of(input, outputTokens()) : usage);
    told.accept(new AgentEvent.Spent(counted));
  }

  /// The call has failed before it said anything: it has cost nothing.
  void unanswered() {
    asking = false;
    told.accept(new AgentEvent.Spent(counted));
  }

  private void tell() {
    toldTokens = outputTokens();
    told.accept(new AgentEvent.Spent(counted.plus(Usage.of(input, toldTokens))));
  }

  private long outputTokens() {
    return Conversation.tokens(saidBytes);
  }
}
