package dev.parley.wire.thread;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.wire.Defects;
import dev.parley.wire.turn.TurnEnd;
import dev.parley.wire.turn.TurnFollower;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One message of the client and its answer, on the connection's context.
final class ThreadRequest implements TurnFollower.Listener {
  /// Where frames go, and who hears that the request is over.
  interface Owner {

    /// @param written run when the frame is with the operating system
    void send(String frame, Runnable written);

    /// @param lastFrame the last of the request
    void over(ThreadRequest request, String lastFrame);

    void threadDeleted();

    /// The frame that tells of a failure. What nobody foresaw is logged.
    String error(@Nullable String requestId, Throwable failure);
  }

  private final ClientMessageId id;
  private final Threads threads;
  private final SessionKey key;
  private final Executor context;
  private final Owner owner;

  /// When the message came in, in nanoseconds; absent: it came over another socket.
  private final @Nullable Long receivedNs;

  private final StringBuilder text = new StringBuilder();
  private @Nullable Usage usage;
  private @Nullable TurnFollower follower;
  private boolean cancelled;
  private boolean over;

  ThreadRequest(
      ClientMessageId id,
      Threads threads,
      SessionKey key,
      Executor context,
      Owner owner,
      @Nullable Long receivedNs) {
    this.id = id;
    this.threads = threads;
    this.key = key;
    this.context = context;
    this.owner = owner;
    this.receivedNs = receivedNs;
  }

  ClientMessageId id() {
    return id;
  }

  /// The message is known, by its name in the session.
  void follow(MessageId message, @Nullable TurnId turn) {
    TurnFollower following = threads.follow(key, message, turn, context, this);
    follower = following;
    following.start();
    if (cancelled) {
      stop(message);
    }
  }

  /// The client wants no answer any more. What stops it tells of it.
  void cancel() {
    if (!cancelled) {
      cancelled = true;
      if (follower != null) {
        stop(follower.message());
      }
    }
  }

  private void stop(MessageId message) {
    threads
        .stop(key, message)
        .subscribe()
        .with(_ -> {}, failure -> context.execute(() -> notStopped(failure)));
  }

  /// Nothing was stopped, and the client may try again. The request goes on, so what is told does
  /// not bear its name: that would be its end.
  private void notStopped(Throwable failure) {
    if (!over) {
      cancelled = false;
      owner.send(owner.error(null, failure), () -> {});
    }
  }

  /// The socket is gone: nothing is told any more, and the turn goes on.
  void forget() {
    over = true;
    if (follower != null) {
      follower.cancel();
    }
  }

  @Override
  public void said(List<ChatStreamEvent> events, Runnable taken) {
    StringBuilder token = new StringBuilder();
    for (ChatStreamEvent event : events) {
      switch (event) {
        case ChatStreamEvent.TextDelta delta -> token.append(delta.delta());
        case ChatStreamEvent.Finish finish -> usage = finish.usage();
        default -> {
          // the protocol tells text only
        }
      }
    }
    if (token.isEmpty()) {
      taken.run();
    } else {
      text.append(token);
      owner.send(ThreadWriter.token(id.value(), token.toString()), taken);
    }
  }

  @Override
  public void ended(TurnEnd end) {
    over = true;
    String name = id.value();
    switch (end) {
      case TurnEnd.Stopped(var outcome) -> owner.over(this, last(outcome));
      case TurnEnd.Removed _ -> owner.over(this, ThreadWriter.cancelled(name));
      case TurnEnd.Refused(var refusal) -> owner.over(this, ThreadWriter.error(name, refusal));
      case TurnEnd.Broken _ ->
          owner.over(this, ThreadWriter.error(name, Defects.TOLD, false, "INTERNAL"));
      case TurnEnd.Deleted _ -> {
        owner.over(this, ThreadWriter.deleted(name));
        owner.threadDeleted();
      }
    }
  }

  private String last(TurnOutcome outcome) {
    String name = id.value();
    return switch (outcome) {
      case TurnOutcome.Completed _ -> ThreadWriter.last(name, text.toString(), latencyMs(), usage);
      case TurnOutcome.Interrupted interrupted ->
          interrupted.isLoss()
              ? ThreadWriter.error(name, "The node that answered is gone.", true, "NODE_LOST")
              : ThreadWriter.cancelled(name);
      case TurnOutcome.Failed failed ->
          ThreadWriter.error(name, failed.message(), failed.retryable(), failed.code().name());
    };
  }

  private @Nullable Long latencyMs() {
    return receivedNs == null ? null : (System.nanoTime() - receivedNs) / 1_000_000;
  }
}
