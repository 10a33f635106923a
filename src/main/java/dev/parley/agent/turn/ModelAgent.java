package dev.parley.agent.turn;

import dev.parley.agent.Agent;
import dev.parley.agent.AgentContext;
import dev.parley.agent.AgentEvent;
import dev.parley.agent.llm.Exchange;
import dev.parley.agent.llm.ModelSettings;
import dev.parley.agent.tool.Tools;
import dev.parley.content.TurnOutput;
import dev.parley.session.UserMessage;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Flow;
import java.util.function.Supplier;

/// An agent that asks a model, has the tools run that it calls for, and asks it again with what
/// came of them, until it calls for nothing more.
///
/// What it says of failures names settings and never what a provider has said. A model is asked
/// again only as long as it has said nothing to the question; cancelling cuts its exchange at once.
public final class ModelAgent implements Agent {
  private final Settings settings;
  private final Tools tools;
  private final Supplier<Exchange> exchanges;
  private final CostGuard guard;

  /// What users have spent.
  public interface Ledger {
    /// The tokens that the user's turns have cost on this day in UTC, and what running ones, that
    /// which asks included, have told of so far. May emit on any thread.
    Uni<Long> spentToday(String userId, Instant now);
  }

  /// How an agent asks its model.
  ///
  /// @param name what its settings begin with, such as `parley.agents.claude`: told to whoever has
  ///   to change them
  /// @param historyTokensMax of the conversation that the model is told, as Parley estimates them
  /// @param historyMessagesMax messages of history that the model is told
  /// @param stepsMax how often one turn may ask the model; after that many, it ends
  /// @param callsMax calls of tools in one step; those beyond are not run, and the model is told
  public record Settings(
      String name,
      ModelSettings model,
      int historyTokensMax,
      int historyMessagesMax,
      int stepsMax,
      int callsMax,
      Retries retries,
      CostLimits limits) {

    Conversation.Window window() {
      return new Conversation.Window(historyTokensMax, historyMessagesMax);
    }
  }

  /// How a model is asked again that could not answer and has said nothing yet.
  ///
  /// @param max times that one call is made again
  /// @param pauseMin the first pause; doubled each time, half of it left to chance, and never
  ///   shorter than the provider wants it
  /// @param waitMax all pauses of one call together; beyond, it fails
  public record Retries(int max, Duration pauseMin, Duration waitMax) {}

  /// Tokens, of every kind, past which a model is not asked again; 0: no limit.
  ///
  /// @param turn of one turn
  /// @param session of all turns of a session
  /// @param userDay of all turns of a user that end on one day in UTC
  public record CostLimits(long turn, long session, long userDay) {}

  /// @param exchanges makes an exchange that has not begun; called on the loop of the turn it is
  ///   for
  public ModelAgent(Settings settings, Tools tools, Supplier<Exchange> exchanges, Ledger ledger) {
    this.settings = settings;
    this.tools = tools;
    this.exchanges = exchanges;
    this.guard = new CostGuard(settings.name(), settings.limits(), ledger);
  }

  @Override
  public Multi<AgentEvent> answer(AgentContext context) {
    return turn(context, LostTurn.of(TurnOutput.EMPTY));
  }

  /// Where its provider has a way to go on from there.
  @Override
  public boolean canResume(UserMessage input, TurnOutput said) {
    return LostTurn.of(said).canGoOn(settings.model());
  }

  @Override
  public Multi<AgentEvent> resume(AgentContext context, TurnOutput said) {
    return turn(context, LostTurn.of(said));
  }

  private Multi<AgentEvent> turn(AgentContext context, LostTurn said) {
    return context
        .history()
        .onItem()
        .transformToMulti(history -> {
          Flow.Publisher<AgentEvent> turn =
              subscriber -> {
                ModelTurn begun =
                    new ModelTurn(settings, tools, exchanges, guard, context, subscriber);
                begun.begin(history, said);
              };
          return Multi.createFrom().publisher(turn);
        });
  }
}
