package dev.parley.agent.turn;

import dev.parley.agent.AgentContext;
import dev.parley.agent.AgentFailure;
import dev.parley.agent.turn.ModelAgent.CostLimits;
import dev.parley.agent.turn.ModelAgent.Ledger;
import dev.parley.content.Usage;
import dev.parley.session.Refusal.Code;
import io.smallrye.mutiny.Uni;

/// Keeps a model from being asked once that would cost more tokens than it may.
final class CostGuard {
  private final String agent;
  private final CostLimits limits;
  private final Ledger ledger;

  CostGuard(String agent, CostLimits limits, Ledger ledger) {
    this.agent = agent;
    this.limits = limits;
    this.ledger = ledger;
  }

  /// Completes on the loop when the model may be asked.
  ///
  /// @param spent what the turn has cost so far
  /// @param next tokens that the next call costs at least
  /// @param durable completes when the ledger knows of all that the turn has cost so far
  /// @return fails with an [AgentFailure] when it may not, and as the ledger fails
  Uni<Void> check(AgentContext context, Usage spent, long next, Uni<Void> durable) {
    long turn = tokens(spent) + next;
    if (exceeds(turn, limits.turn())) {
      return Uni.createFrom().failure(refused("turn", "turn-tokens-max", limits.turn()));
    }
    if (exceeds(turn + tokens(context.spent()), limits.session())) {
      return Uni.createFrom().failure(refused("session", "session-tokens-max", limits.session()));
    }
    if (limits.userDay() == 0) {
      return Uni.createFrom().voidItem();
    }
    return durable
        .flatMap(_ -> ledger.spentToday(context.key().userId(), context.loop().now()))
        .emitOn(context.loop())
        .onItem()
        .transformToUni(today ->
            exceeds(today + next, limits.userDay())
                ? Uni.createFrom()
                    .failure(refused("user on one day", "user-day-tokens-max", limits.userDay()))
                : Uni.createFrom().voidItem());
  }

  private static boolean exceeds(long tokens, long limit) {
    return limit > 0 && tokens > limit;
  }

  private AgentFailure refused(String whose, String setting, long limit) {
    return new AgentFailure(
        Code.COST_LIMIT,
        "The model is not asked: a %s may cost no more than %d tokens (%s.%s)."
            .formatted(whose, limit, agent, setting),
        false);
  }

  /// Of every kind together.
  static long tokens(Usage usage) {
    return usage.inputTokens()
        + usage.outputTokens()
        + usage.cacheReadTokens()
        + usage.cacheCreationTokens();
  }
}
