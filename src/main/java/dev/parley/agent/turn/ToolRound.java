package dev.parley.agent.turn;

import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.parley.agent.AgentContext;
import dev.parley.agent.Approvals.Approval;
import dev.parley.agent.llm.JsonWords;
import dev.parley.agent.llm.ToolCall;
import dev.parley.agent.llm.ToolCall.Progress;
import dev.parley.agent.tool.Tools;
import dev.parley.agent.tool.Tools.Outcome;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.ToolApprovalRequest;
import dev.parley.content.ChatStreamEvent.ToolOutputAvailable;
import dev.parley.content.ChatStreamEvent.ToolOutputDenied;
import dev.parley.content.ChatStreamEvent.ToolOutputError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The calls of one step, all at once: each is agreed to where somebody has to, runs, and is told
/// to clients as it ends. On the turn's loop.
final class ToolRound {
  static final String DENIED = "The user did not agree to this call.";

  private final AgentContext context;
  private final Tools tools;
  private final int callsMax;
  private final Consumer<Content> say;
  private final Consumer<List<ToolExecutionResultMessage>> done;
  private final List<Runnable> stops = new ArrayList<>();
  private final @Nullable ToolExecutionResultMessage[] results;
  private final List<ToolCall> calls;
  private int open;
  private int asked;
  private boolean over;

  /// @param callsMax those beyond are not run
  /// @param asked how often the turn has asked somebody to agree already
  /// @param done takes the results, in the order of the calls; once, unless this is cancelled
  ToolRound(
      AgentContext context,
      Tools tools,
      int callsMax,
      List<ToolCall> calls,
      int asked,
      Consumer<Content> say,
      Consumer<List<ToolExecutionResultMessage>> done) {
    this.context = context;
    this.tools = tools;
    this.callsMax = callsMax;
    this.calls = List.copyOf(calls);
    this.results = new ToolExecutionResultMessage[calls.size()];
    this.open = calls.size();
    this.asked = asked;
    this.say = say;
    this.done = done;
  }

  void begin() {
    for (int at = 0; at < calls.size() && !over; at++) {
      begin(at);
    }
  }

  /// How often the turn has asked somebody to agree.
  int asked() {
    return asked;
  }

  /// Stops what runs and waits for nobody any more. Idempotent.
  void cancel() {
    over = true;
    stops.forEach(Runnable::run);
    stops.clear();
  }

  private void begin(int at) {
    ToolCall call = calls.get(at);
    switch (call.progress()) {
      case Progress.Over told -> settle(at, told.result(), told.failed());
      case Progress.Broken broken -> fail(at, broken.why());
      case Progress.Refused refused -> deny(at, refused.why());
      case Progress.Asked waiting -> await(at, waiting.approvalId());
      case Progress.Fresh _ -> {
        if (at >= callsMax) {
          fail(at, "this call was not made: there are no more than " + callsMax + " in one step");
        } else if (tools.needsApproval(call.request().name())) {
          String approvalId = context.turnId().value() + "-" + asked++;
          say.accept(new ToolApprovalRequest(approvalId, call.id(), call.request().name()));
          await(at, approvalId);
        } else {
          run(at);
        }
      }
    }
  }

  private void await(int at, String approvalId) {
    stops.add(
        context
                .approvals()
                .of(approvalId)
                .subscribe()
                .with(answer -> answered(at, answer), _ -> deny(at, DENIED))
            ::cancel);
  }

  private void answered(int at, Approval answer) {
    if (over) {
      return;
    }
    if (answer.approved()) {
      run(at);
    } else {
      deny(at, refusal(answer.reason()));
    }
  }

  /// What a model is told of a refusal.
  static String refusal(@Nullable String reason) {
    return reason == null ? DENIED : DENIED + " Reason: " + reason;
  }

  private void run(int at) {
    ToolCall call = calls.get(at);
    stops.add(
        tools.run(
                new Tools.Call(
                    context.key().toString(), call.request().name(), call.request().arguments()),
                context.loop(),
                outcome -> ran(at, outcome))
            ::cancel);
  }

  private void ran(int at, Outcome outcome) {
    if (over) {
      return;
    }
    switch (outcome) {
      case Outcome.Gave(String text) -> {
        say.accept(new ToolOutputAvailable(calls.get(at).id(), JsonWords.json(text), false));
        settle(at, text, false);
      }
      case Outcome.Failed(String why) -> fail(at, why);
    }
  }

  private void fail(int at, String why) {
    say.accept(new ToolOutputError(calls.get(at).id(), why));
    settle(at, why, true);
  }

  private void deny(int at, String why) {
    say.accept(new ToolOutputDenied(calls.get(at).id()));
    settle(at, why, true);
  }

  private void settle(int at, String result, boolean failed) {
    ToolCall call = calls.get(at);
    results[at] =
        ToolExecutionResultMessage.builder()
            .id(call.id())
            .toolName(call.request().name())
            .text(result)
            .isError(failed)
            .build();
    if (--open == 0 && !over) {
      over = true;
      done.accept(Arrays.stream(results).map(Objects::requireNonNull).toList());
    }
  }
}
