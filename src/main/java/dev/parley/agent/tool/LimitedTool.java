package dev.parley.agent.tool;

import dev.langchain4j.exception.LangChain4jException;
import dev.parley.agent.tool.Tools.Call;
import dev.parley.agent.tool.Tools.Outcome;
import dev.parley.agent.tool.Tools.Outcome.Failed;
import dev.parley.agent.tool.Tools.Outcome.Gave;
import dev.parley.agent.tool.Tools.Running;
import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A tool within its limits. Each call has a virtual thread of its own, so that an interrupt meets
/// the call it is meant for. A call keeps its place until its thread is at its end, however long
/// ago it was given up.
final class LimitedTool {
  static final int WHY_CHARS_MAX = 1000;

  private static final FieldLog LOG = FieldLog.of(LimitedTool.class);

  private final String name;
  private final ToolLimits limits;
  private final BlockingTool tool;

  // Under this tool's own monitor, which nobody holds for long.
  private final Deque<Request> waiting = new ArrayDeque<>();
  private int running;

  LimitedTool(String name, ToolLimits limits, BlockingTool tool) {
    this.name = name;
    this.limits = limits;
    this.tool = tool;
  }

  /// As [Tools#run].
  Running run(Call call, EventLoop loop, Consumer<Outcome> done) {
    Request request = new Request(call, loop, done);
    if (!admit(request)) {
      request.later(new Failed("too many calls of this tool are waiting; try again later"));
    }
    return request;
  }

  private synchronized boolean admit(Request request) {
    if (running < limits.concurrencyMax()) {
      running++;
      request.start();
      return true;
    }
    return waiting.size() < limits.waitingMax() && waiting.add(request);
  }

  /// Gives a place to whoever has waited longest.
  private synchronized void next() {
    Request request = waiting.poll();
    if (request == null) {
      running--;
    } else {
      request.start();
    }
  }

  private synchronized void giveUp(Request request) {
    request.givenUp = true;
    if (!waiting.remove(request) && request.thread != null) {
      request.thread.interrupt();
    }
  }

  private synchronized boolean isGivenUp(Request request) {
    return request.givenUp;
  }

  /// Whether no call has a place.
  synchronized boolean isIdle() {
    return running == 0;
  }

  private void work(Request request) {
    Outcome outcome;
    try {
      outcome = outcome(request);
    } finally {
      // before anybody is told: whoever hears of the end finds the place free
      next();
    }
    request.later(outcome);
  }

  private Outcome outcome(Request request) {
    if (isGivenUp(request)) {
      return new Failed("nobody wants it any more");
    }
    try {
      String text = tool.run(request.call);
      return isLongerThan(limits.outputBytesMax(), text)
          ? new Failed("its answer is longer than " + limits.outputBytesMax() + " bytes")
          : new Gave(text);
    } catch (Throwable thrown) {
      // the library wraps what a tool throws
      Throwable failure =
          thrown instanceof LangChain4jException && thrown.getCause() != null
              ? thrown.getCause()
              : thrown;
      if (!isGivenUp(request)) {
        LOG.infof(
            Fields.ofSession(request.call.memoryId()),
            "Tool %s failed, and its model is told why: %s",
            name,
            Failures.named(failure));
      }
      return new Failed(why(failure));
    }
  }

  private static String why(Throwable failure) {
    @Nullable String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    if (message.length() <= WHY_CHARS_MAX) {
      return message;
    }
    boolean inPair = Character.isHighSurrogate(message.charAt(WHY_CHARS_MAX - 1));
    return message.substring(0, inPair ? WHY_CHARS_MAX - 1 : WHY_CHARS_MAX);
  }

  private static boolean isLongerThan(int bytesMax, String text) {
    return text.length() > bytesMax
        || (text.length() > bytesMax / 3
            && text.getBytes(StandardCharsets.UTF_8).length > bytesMax);
  }

  /// One call, from when it is made.
  private final class Request extends Reply {
    private final Call call;
    private final EventLoop.Timer timer;

    // Under the tool's monitor.
    private @Nullable Thread thread;
    private boolean givenUp;

    private Request(Call call, EventLoop loop, Consumer<Outcome> done) {
      super(loop, done);
      this.call = call;
      this.timer = loop.schedule(limits.timeout(), this::takeTooLong);
    }

    private void start() {
      thread = Thread.ofVirtual().name("tool-" + name).unstarted(() -> work(this));
      thread.start();
    }

    private void takeTooLong() {
      LOG.infof(
          Fields.ofSession(call.memoryId()), "Tool %s took too long, and is interrupted", name);
      now(new Failed("it took longer than " + limits.timeout().toMillis() + " ms"));
    }

    @Override
    void ended() {
      timer.cancel();
      giveUp(this);
    }
  }
}
