package dev.parley.agent.turn;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.parley.agent.AgentContext;
import dev.parley.agent.AgentEvent;
import dev.parley.agent.AgentFailure;
import dev.parley.agent.llm.Exchange;
import dev.parley.agent.llm.ModelCall;
import dev.parley.agent.llm.ModelSettings;
import dev.parley.agent.llm.Speech;
import dev.parley.agent.llm.ToolCall;
import dev.parley.agent.llm.Trouble;
import dev.parley.agent.tool.Tools;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.FinishStep;
import dev.parley.content.ChatStreamEvent.StartStep;
import dev.parley.content.ChatStreamEvent.ToolOutputError;
import dev.parley.content.FinishReason;
import dev.parley.content.Utf8;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.Refusal.Code;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Flow;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One turn of a model, from its first step or from where its node was lost. Everything happens on
/// the turn's loop.
final class ModelTurn implements Flow.Subscription, ModelCall.Listener {
  private static final String AWAY = "Not there at the moment.";
  private static final String NOT_DONE = "the answer was cut off before this call was made";

  /// Longer ones are no names; a session's stands in every list that it is in.
  private static final int MODEL_CHARS_MAX = 256;

  private final ModelAgent.Settings settings;
  private final Tools tools;
  private final Supplier<Exchange> exchanges;
  private final CostGuard guard;
  private final AgentContext context;
  private final Emitter emitter;
  private final Speech speech;
  private final Retrying retrying;
  private final TurnCost cost;
  private final List<dev.langchain4j.data.message.ChatMessage> conversation = new ArrayList<>();

  /// Text of the step that was said before its node was lost.
  private String begun = "";

  private int steps;
  private int approvals;
  private @Nullable String model;

  private @Nullable Cancellable checking;
  private @Nullable ModelCall call;
  private EventLoop.@Nullable Timer pause;
  private @Nullable ToolRound round;

  ModelTurn(
      ModelAgent.Settings settings,
      Tools tools,
      Supplier<Exchange> exchanges,
      CostGuard guard,
      AgentContext context,
      Flow.Subscriber<? super AgentEvent> subscriber) {
    this.settings = settings;
    this.tools = tools;
    this.exchanges = exchanges;
    this.guard = guard;
    this.context = context;
    this.emitter = new Emitter(subscriber, this::want);
    this.speech = new Speech(this::say);
    this.retrying = new Retrying(settings.retries());
    this.cost = new TurnCost(context.turnSpent(), emitter::emit);
  }

  /// @param lost what the turn has said before; nothing where it begins
  void begin(List<ChatMessage> history, LostTurn lost) {
    emitter.begin(this);
    if (emitter.isOver()) {
      return;
    }
    if (needsKey()) {
      fail(
          new AgentFailure(
              Code.MODEL_KEY_REFUSED,
              "The model's provider wants a key: set " + settings.name() + ".api-key.",
              false));
      return;
    }
    conversation.addAll(
        Conversation.of(
            settings.model().systemPrompt(),
            history,
            context.input(),
            settings.window(),
            !tools.specifications().isEmpty()));
    goOn(lost);
  }

  private boolean needsKey() {
    ModelSettings asked = settings.model();
    return asked.apiKey() == null
        && switch (asked.provider()) {
          case ANTHROPIC -> true;
          case OPENAI -> asked.baseUrl() == null;
          case OLLAMA -> false;
        };
  }

  private void goOn(LostTurn lost) {
    conversation.addAll(lost.messages());
    speech.goOnAfter(lost.events());
    steps = lost.steps();
    approvals = lost.approvals();
    if (lost.isWhole()) {
      finish(FinishReason.STOP);
      return;
    }
    if (!lost.isInStep()) {
      step();
      return;
    }
    List<ToolCall> calls = lost.calls(tools::needsApproval);
    if (calls.isEmpty()) {
      begun = lost.begun();
      if (begun.isEmpty()) {
        speech.endPart();
      }
      check();
    } else {
      speech.endPart();
      lost.cutInputs().forEach(this::say);
      run(calls);
    }
  }

  @Override
  public void request(long n) {
    emitter.request(n);
  }

  @Override
  public void cancel() {
    emitter.cancel();
    stop();
  }

  private void stop() {
    if (checking != null) {
      checking.cancel();
    }
    if (call != null) {
      call.close();
      call = null;
    }
    if (pause != null) {
      pause.cancel();
    }
    if (round != null) {
      round.cancel();
      round = null;
    }
  }

  private void want(boolean more) {
    if (call != null) {
      call.want(more);
    }
  }

  private void say(Content content) {
    emitter.emit(new AgentEvent.Said(content));
    cost.said(content);
  }

  private void step() {
    if (emitter.isOver()) {
      return;
    }
    steps++;
    say(new StartStep());
    check();
  }

  /// Asks unless that would cost more than it may.
  private void check() {
    if (emitter.isOver()) {
      return;
    }
    List<ToolSpecification> specifications = specifications();
    ChatRequest request = request(specifications);
    long input =
        Conversation.tokens(request.messages())
            + specifications.stream()
                .map(ToolSpecification::toString)
                .mapToLong(Conversation::tokens)
                .sum();
    checking =
        guard
            .check(context, cost.spent(), input, durable())
            .subscribe()
            .with(_ -> ask(request, input), this::fail);
  }

  /// Completes when all that was told so far is durable.
  private Uni<Void> durable() {
    return Uni.createFrom()
        .emitter(told -> emitter.emit(new AgentEvent.Fence(() -> told.complete(null))));
  }

  /// The tools that there are, and those that were called in this conversation and are away:
  /// providers take no calls of tools that they are not told of.
  private List<ToolSpecification> specifications() {
    SequencedMap<String, ToolSpecification> told = new LinkedHashMap<>();
    tools.specifications().forEach(there -> told.put(there.name(), there));
    conversation.stream()
        .filter(AiMessage.class::isInstance)
        .flatMap(message -> ((AiMessage) message).toolExecutionRequests().stream())
        .map(ToolExecutionRequest::name)
        .filter(name -> !name.isEmpty())
        .forEach(name ->
            told.computeIfAbsent(
                name, away -> ToolSpecification.builder().name(away).description(AWAY).build()));
    return List.copyOf(told.values());
  }

  private ChatRequest request(List<ToolSpecification> specifications) {
    List<dev.langchain4j.data.message.ChatMessage> messages = new ArrayList<>(conversation);
    // what a model is to go on with must not end in space
    String partial = begun.stripTrailing();
    if (!partial.isEmpty()) {
      messages.add(AiMessage.from(partial));
    }
    ChatRequest.Builder request = ChatRequest.builder().messages(messages);
    if (!specifications.isEmpty()) {
      request.toolSpecifications(specifications);
    }
    return request.build();
  }

  private void ask(ChatRequest request, long input) {
    if (emitter.isOver()) {
      return;
    }
    cost.asked(input);
    speech.beginAnswer(begun.substring(begun.stripTrailing().length()));
    ModelCall asked = new ModelCall(exchanges.get(), speech, this);
    call = asked;
    try {
      asked.begin(settings.model(), request);
    } catch (RuntimeException notAsked) {
      fail(notAsked);
      return;
    }
    emitter.go();
  }

  @Override
  public void answered(ModelCall.Answer answer) {
    call = null;
    retrying.answered();
    cost.answered(answer.usage());
    String named = answer.model();
    if (named != null && named.length() <= MODEL_CHARS_MAX && Utf8.isStorable(named)) {
      model = named;
    }
    AiMessage message = answer.message();
    if (!begun.isEmpty()) {
      String text = message.text();
      message = message.toBuilder().text(text == null ? begun : begun + text).build();
      begun = "";
    }
    if (answer.calls().isEmpty()) {
      say(new FinishStep());
      finish(answer.reason());
    } else if (answer.reason() == FinishReason.LENGTH
        || answer.reason() == FinishReason.CONTENT_FILTER) {
      answer.calls().stream()
          .filter(wanted -> wanted.progress() instanceof ToolCall.Progress.Fresh)
          .forEach(wanted -> say(new ToolOutputError(wanted.id(), NOT_DONE)));
      say(new FinishStep());
      finish(answer.reason());
    } else {
      conversation.add(message);
      run(answer.calls());
    }
  }

  private void run(List<ToolCall> calls) {
    if (emitter.isOver()) {
      return;
    }
    ToolRound begun =
        new ToolRound(
            context, tools, settings.callsMax(), calls, approvals, this::say, this::calledBack);
    round = begun;
    begun.begin();
  }

  private void calledBack(List<ToolExecutionResultMessage> results) {
    if (round == null) {
      return;
    }
    approvals = round.asked();
    round = null;
    conversation.addAll(results);
    say(new FinishStep());
    if (steps >= settings.stepsMax()) {
      finish(FinishReason.OTHER);
    } else {
      step();
    }
  }

  private void finish(FinishReason reason) {
    emitter.emit(new AgentEvent.Finished(reason, cost.spent(), model, null));
    emitter.end(null);
  }

  @Override
  public void failed(Throwable cause) {
    call = null;
    Trouble trouble = Trouble.of(cause, settings.name());
    if (!cost.hasSaid()) {
      cost.unanswered();
      Duration next = trouble.again() ? retrying.next(trouble.retryAfter()) : null;
      if (next != null) {
        pause = context.loop().schedule(next, this::check);
        return;
      }
      if (!begun.isEmpty() && trouble.code() == Code.MODEL_REFUSED) {
        fail(
            new AgentFailure(
                Code.MODEL_LOST,
                "The answer was cut off, and its model does not go on with one.",
                true));
        return;
      }
    }
    fail(trouble.failure());
  }

  private void fail(Throwable why) {
    stop();
    emitter.end(why);
  }
}
