package dev.parley.actor;

import dev.parley.agent.Approvals;
import dev.parley.content.ChatStreamEvent.ToolApprovalResponse;
import dev.parley.loop.EventLoop;
import dev.parley.session.Command;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one turn asks people, between its agent and the session: requests that are durable wait
/// here for their answer, and are refused when nobody gives one in time. On the session's loop.
final class TurnApprovals implements Approvals {
  private static final String NOBODY_ANSWERED = "Nobody answered in time.";

  private final EventLoop loop;
  private final Duration waitMax;
  private final Runnable wake;
  private final Map<String, Asked> asked = new HashMap<>();
  private final List<String> overdue = new ArrayList<>();

  private static final class Asked {
    private @Nullable Approval answer;
    private @Nullable UniEmitter<? super Approval> waiting;
    private EventLoop.@Nullable Timer timer;
  }

  /// @param waitMax how long a request waits for its answer
  /// @param wake called when one has waited for that long
  TurnApprovals(EventLoop loop, Duration waitMax, Runnable wake) {
    this.loop = loop;
    this.waitMax = waitMax;
    this.wake = wake;
  }

  @Override
  public Uni<Approval> of(String approvalId) {
    return Uni.createFrom()
        .emitter(emitter -> {
          Asked request = of(asked, approvalId);
          if (request.answer == null) {
            request.waiting = emitter;
          } else {
            emitter.complete(request.answer);
          }
        });
  }

  /// A request has become durable, or was found so.
  void requested(String approvalId) {
    Asked request = of(asked, approvalId);
    if (request.answer == null && request.timer == null) {
      request.timer =
          loop.schedule(
              waitMax,
              () -> {
                overdue.add(approvalId);
                wake.run();
              });
    }
  }

  /// An answer has become durable.
  void answered(ToolApprovalResponse response) {
    Asked request = of(asked, response.approvalId());
    request.answer = new Approval(response.approved(), response.reason());
    if (request.timer != null) {
      request.timer.cancel();
    }
    if (request.waiting != null) {
      request.waiting.complete(request.answer);
      request.waiting = null;
    }
  }

  /// The refusals of what nobody has answered in time, once.
  List<Command.Approve> refusals() {
    List<Command.Approve> refusals =
        overdue.stream()
            .map(id -> new Command.Approve(id, false, NOBODY_ANSWERED, loop.now()))
            .toList();
    overdue.clear();
    return refusals;
  }

  /// Nobody waits any more.
  void close() {
    asked
        .values()
        .forEach(request -> {
          if (request.timer != null) {
            request.timer.cancel();
          }
        });
    asked.clear();
    overdue.clear();
  }

  private static Asked of(Map<String, Asked> asked, String approvalId) {
    return asked.computeIfAbsent(approvalId, _ -> new Asked());
  }
}
