package dev.parley.agent.turn;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.parley.agent.llm.JsonWords;
import dev.parley.agent.llm.ModelSettings;
import dev.parley.agent.llm.ToolCall;
import dev.parley.agent.llm.ToolCall.Progress;
import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.ToolInputError;
import dev.parley.content.JsonText;
import dev.parley.content.TurnOutput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a turn had said when its node was lost, step by step, as far as its model has to be told of
/// it.
final class LostTurn {
  private static final String CUT = "the node was lost before the input of this call was whole";
  private static final String LOST =
      "the node was lost while this tool ran; whether it has done its work is not known";

  private final List<Content> events;
  private final List<Step> steps = new ArrayList<>();
  private int approvals;

  private LostTurn(List<Content> events) {
    this.events = events;
    events.forEach(this::add);
  }

  static LostTurn of(TurnOutput said) {
    return new LostTurn(said.events());
  }

  /// Whether a model can go on from here. Text that has begun is given to it to go on with, which
  /// OpenAI has no way for; Anthropic's models that think want their thoughts back, signed, with
  /// each call that they have made, and those are not kept.
  boolean canGoOn(ModelSettings settings) {
    return switch (settings.provider()) {
      case OPENAI -> begun().isBlank();
      case ANTHROPIC ->
          settings.thinkingBudget() == null
              || (begun().isBlank() && steps.stream().allMatch(step -> step.calls.isEmpty()));
      case OLLAMA -> true;
    };
  }

  List<Content> events() {
    return events;
  }

  /// How often the model was asked.
  int steps() {
    return steps.size();
  }

  /// How often somebody was asked to agree.
  int approvals() {
    return approvals;
  }

  /// Whether all that was begun has come to its end: the last step is over, and called nothing.
  boolean isWhole() {
    return !steps.isEmpty() && steps.getLast().over && steps.getLast().calls.isEmpty();
  }

  /// Whether a step has begun and not ended.
  boolean isInStep() {
    return !steps.isEmpty() && !steps.getLast().over;
  }

  /// The text of the step that has not ended, where it called nothing.
  String begun() {
    return isInStep() && steps.getLast().calls.isEmpty() ? steps.getLast().text.toString() : "";
  }

  /// The calls of the step that has not ended, each as far as it came. One that may have run is not
  /// made again.
  ///
  /// @param needsApproval which tools do not run before somebody was asked
  List<ToolCall> calls(Predicate<String> needsApproval) {
    if (!isInStep()) {
      return List.of();
    }
    return steps.getLast().calls.values().stream()
        .map(called ->
            called.input != null
                    && called.over == null
                    && called.approvalId == null
                    && needsApproval.test(called.name)
                ? ToolCall.fresh(called.call().request())
                : called.call())
        .toList();
  }

  /// What clients have to be told of calls that were cut off in their input.
  List<Content> cutInputs() {
    List<Content> cut = new ArrayList<>();
    if (isInStep()) {
      for (Called called : steps.getLast().calls.values()) {
        if (called.isCut()) {
          cut.add(
              new ToolInputError(
                  called.id, called.name, JsonWords.string(called.inputText.toString()), CUT));
        }
      }
    }
    return cut;
  }

  /// What the model has said and heard in the steps that are over, and what it has said in the one
  /// that called something and is not.
  List<ChatMessage> messages() {
    List<ChatMessage> told = new ArrayList<>();
    for (Step step : steps) {
      if (step.calls.isEmpty() && !step.over) {
        continue;
      }
      List<ToolCall> calls = step.calls.values().stream().map(Called::call).toList();
      String text = step.text.toString();
      if (text.isBlank() && calls.isEmpty()) {
        continue;
      }
      AiMessage.Builder message =
          AiMessage.builder().toolExecutionRequests(calls.stream().map(ToolCall::request).toList());
      if (!text.isBlank()) {
        message.text(text);
      }
      told.add(message.build());
      if (step.over) {
        calls.forEach(call -> told.add(result(call)));
      }
    }
    return told;
  }

  private static ToolExecutionResultMessage result(ToolCall call) {
    Progress.Over known =
        call.progress() instanceof Progress.Over told ? told : new Progress.Over(LOST, true);
    return ToolExecutionResultMessage.builder()
        .id(call.id())
        .toolName(call.request().name())
        .text(known.result())
        .isError(known.failed())
        .build();
  }

  private void add(Content event) {
    switch (event) {
      case ChatStreamEvent.StartStep _ -> steps.add(new Step());
      case ChatStreamEvent.FinishStep _ -> step().over = true;
      case ChatStreamEvent.TextDelta delta -> step().text.append(delta.delta());
      case ChatStreamEvent.ToolInputStart start ->
          step().calls.put(start.toolCallId(), new Called(start.toolCallId(), start.toolName()));
      case ChatStreamEvent.ToolInputDelta delta ->
          call(delta.toolCallId()).inputText.append(delta.inputTextDelta());
      case ChatStreamEvent.ToolInputAvailable ready ->
          call(ready.toolCallId()).input = ready.input();
      case ChatStreamEvent.ToolInputError failed ->
          call(failed.toolCallId()).over(failed.errorText(), true);
      case ChatStreamEvent.ToolOutputAvailable out ->
          call(out.toolCallId()).over(JsonWords.text(out.output()), false);
      case ChatStreamEvent.ToolOutputError failed ->
          call(failed.toolCallId()).over(failed.errorText(), true);
      case ChatStreamEvent.ToolOutputDenied denied -> {
        Called call = call(denied.toolCallId());
        call.over(ToolRound.refusal(call.reason), true);
      }
      case ChatStreamEvent.ToolApprovalRequest request -> {
        approvals++;
        call(request.toolCallId()).approvalId = request.approvalId();
      }
      case ChatStreamEvent.ToolApprovalResponse response -> answered(response);
      default -> {}
    }
  }

  private void answered(ChatStreamEvent.ToolApprovalResponse response) {
    for (Called called : step().calls.values()) {
      if (response.approvalId().equals(called.approvalId)) {
        called.approved = response.approved();
        called.reason = response.reason();
      }
    }
  }

  private Step step() {
    if (steps.isEmpty()) {
      steps.add(new Step());
    }
    return steps.getLast();
  }

  private Called call(String id) {
    return step().calls.computeIfAbsent(id, _ -> new Called(id, ""));
  }

  private static final class Step {
    private final StringBuilder text = new StringBuilder();
    private final Map<String, Called> calls = new LinkedHashMap<>();
    private boolean over;
  }

  private static final class Called {
    private final String id;
    private final String name;
    private final StringBuilder inputText = new StringBuilder();
    private @Nullable JsonText input;
    private @Nullable String approvalId;
    private @Nullable Boolean approved;
    private @Nullable String reason;
    private Progress.@Nullable Over over;

    Called(String id, String name) {
      this.id = id;
      this.name = name;
    }

    void over(String result, boolean failed) {
      over = new Progress.Over(result, failed);
    }

    boolean isCut() {
      return input == null && over == null;
    }

    ToolCall call() {
      return new ToolCall(
          ToolExecutionRequest.builder()
              .id(id)
              .name(name)
              .arguments(JsonWords.object(input))
              .build(),
          progress());
    }

    private Progress progress() {
      if (over != null) {
        return over;
      }
      if (input == null) {
        return new Progress.Over(CUT, true);
      }
      if (approvalId != null && approved == null) {
        return new Progress.Asked(approvalId);
      }
      return Boolean.FALSE.equals(approved)
          ? new Progress.Refused(ToolRound.refusal(reason))
          : new Progress.Broken(LOST);
    }
  }
}
