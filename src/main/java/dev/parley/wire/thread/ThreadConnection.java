package dev.parley.wire.thread;

import dev.parley.log.Fields;
import dev.parley.loop.TokenBucket;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.trace.Incoming;
import dev.parley.wire.Defects;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.Outbox;
import dev.parley.wire.connection.Peer;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.turn.ChatNames;
import io.smallrye.mutiny.Uni;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One client's view of one thread. All methods are called on the connection's context.
final class ThreadConnection implements Peer, ThreadRequest.Owner, Outbox.Owner {

  private final Threads threads;
  private final ThreadSettings settings;
  private final SessionKey key;
  private final ThreadReader reader;
  private final Outbound outbound;
  private final Executor context;
  private final Outbox outbox;
  private final WireMetrics.Endpoint metrics;
  private final TokenBucket frames;
  private final Map<ClientMessageId, ThreadRequest> requests = new HashMap<>();

  /// What came before the thread was found.
  private final Queue<byte[]> early = new ArrayDeque<>();

  private long earlyBytes;
  private int stopping;
  private boolean found;
  private boolean closed;

  /// Why the connection is to close once all is written; absent: it is not.
  private @Nullable String endReason;

  /// It is the node that goes; what is under way is answered first.
  private boolean leaving;

  ThreadConnection(
      Threads threads,
      ThreadSettings settings,
      ChatNames names,
      SessionKey key,
      Outbound outbound,
      Executor context,
      WireMetrics.Endpoint metrics) {
    this.threads = threads;
    this.metrics = metrics;
    this.frames = settings.connection().frames(System::nanoTime);
    this.settings = settings;
    this.key = key;
    this.reader = new ThreadReader(key, names, settings);
    this.outbound = outbound;
    this.context = context;
    this.outbox =
        new Outbox(
            outbound,
            context,
            Outbox.Writes.SINGLE,
            settings.connection().unwrittenCharsMax(),
            this);
  }

  /// Looks for the thread; once.
  ///
  /// @param create makes it when there is none
  /// @param resume a request of an earlier socket whose answer is to go on here
  void open(boolean create, @Nullable String resume) {
    threads
        .find(key, create)
        .subscribe()
        .with(
            _ -> context.execute(() -> found(resume)),
            failure -> context.execute(() -> notFound(resume, failure)));
  }

  private void notFound(@Nullable String resume, Throwable failure) {
    if (failure instanceof RefusedException refused
        && refused.refusal() instanceof Refusal.Failed failed
        && failed.retryable()) {
      // The thread may well be there: whatever the client sends finds out.
      outbox.add(ThreadWriter.error(resume, failed));
      found(null);
    } else {
      end(failure, "No such thread");
    }
  }

  private void found(@Nullable String resume) {
    if (closed) {
      return;
    }
    found = true;
    if (resume != null) {
      resume(resume);
    }
    early.forEach(this::handle);
    early.clear();
  }

  @Override
  public void receive(byte[] message) {
    if (closed || (endReason != null && !leaving)) {
      return;
    }
    if (found) {
      handle(message);
    } else if (earlyBytes + message.length > settings.frameBytesMax()
        || early.size() >= settings.requestsMax()) {
      refuse(
          reader.name(message),
          new Refusal.LimitExceeded("early", "Too much was sent before the thread was found.", 1L));
    } else {
      early.add(message);
      earlyBytes += message.length;
    }
  }

  private void handle(byte[] frame) {
    metrics.frame();
    boolean paid = frames.take();
    switch (reader.read(frame)) {
      case ThreadFrame.Message message when leaving ->
          refuse(message.requestId().value(), Refusal.draining());
      case ThreadFrame.Message message when paid -> send(message);
      case ThreadFrame.Message message -> refuse(message.requestId().value(), tooFast());
      // counted, and carried out all the same: stopping must work
      case ThreadFrame.Cancel cancel -> cancel(cancel.requestId());
      case ThreadFrame.Wrong wrong -> {
        metrics.garbage();
        refuse(wrong.requestId(), wrong.refusal());
      }
    }
  }

  private void refuse(@Nullable String requestId, Refusal refusal) {
    if (refusal instanceof Refusal.LimitExceeded exceeded) {
      metrics.refused(exceeded.limit());
    }
    outbox.add(ThreadWriter.error(requestId, refusal));
  }

  private Refusal tooFast() {
    return new Refusal.LimitExceeded(
        "frames", "A connection sends too many messages a second.", frames.waitMs());
  }

  private void send(ThreadFrame.Message message) {
    long nanos = System.nanoTime();
    ThreadRequest request = begin(message.requestId(), nanos);
    if (request != null) {
      threads
          .send(key, message, incoming(message.requestId(), nanos))
          .subscribe()
          .with(
              reply -> context.execute(() -> sent(request, reply)),
              failure -> context.execute(() -> failed(request, failure)));
    }
  }

  private Incoming incoming(ClientMessageId id, long nanos) {
    return new Incoming(outbound.fields().withRequest(id.value()), outbound.upstream(), nanos);
  }

  /// @return absent when it is under way already, or when there are too many
  private @Nullable ThreadRequest begin(ClientMessageId id, @Nullable Long receivedNs) {
    if (requests.containsKey(id)) {
      return null;
    }
    if (requests.size() >= settings.requestsMax()) {
      refuse(id.value(), tooMany());
      return null;
    }
    ThreadRequest request = new ThreadRequest(id, threads, key, context, this, receivedNs);
    requests.put(id, request);
    return request;
  }

  private Refusal tooMany() {
    return new Refusal.LimitExceeded(
        "requests",
        "A thread has at most " + settings.requestsMax() + " requests under way.",
        null);
  }

  private void sent(ThreadRequest request, Reply reply) {
    if (closed || (endReason != null && !leaving)) {
      return;
    }
    switch (reply) {
      case Reply.Started started ->
          request.follow(started.messageId(), started.duplicate() ? null : started.turnId());
      case Reply.Queued queued -> request.follow(queued.message().id(), null);
      case Reply.Done _, Reply.Interrupted _, Reply.Dequeued _, Reply.Acknowledged _ ->
          throw new IllegalStateException("a send starts or waits");
    }
  }

  private void failed(ThreadRequest request, Throwable failure) {
    over(request, error(request.id().value(), failure));
    if (failure instanceof RefusedException refused
        && refused.refusal() instanceof Refusal.SessionNotFound) {
      threadDeleted();
    }
  }

  private void resume(String requestId) {
    ClientMessageId id;
    try {
      id = new ClientMessageId(requestId);
    } catch (RefusedException refused) {
      refuse(null, new Refusal.InvalidRequest("resume is no requestId", "resume"));
      return;
    }
    ThreadRequest request = begin(id, null);
    if (request == null) {
      return;
    }
    threads
        .receipt(key, id)
        .subscribe()
        .with(
            receipt ->
                context.execute(() -> {
                  if (closed) {
                    return;
                  }
                  if (receipt.isPresent()) {
                    request.follow(receipt.get().messageId(), null);
                  } else {
                    over(
                        request,
                        ThreadWriter.error(
                            requestId,
                            new Refusal.InvalidRequest(
                                "The thread has no message of that name.", "resume")));
                  }
                }),
            failure -> context.execute(() -> failed(request, failure)));
  }

  private void cancel(ClientMessageId id) {
    ThreadRequest request = requests.get(id);
    if (request != null) {
      request.cancel();
    } else if (stopping < settings.requestsMax()) {
      stopElsewhere(id);
    } else {
      refuse(id.value(), tooMany());
    }
  }

  /// Stops a request that this socket does not follow: one of an earlier socket, or of another one.
  /// One that is over, or never was, is left alone without a word.
  private void stopElsewhere(ClientMessageId id) {
    stopping++;
    threads
        .receipt(key, id)
        .flatMap(receipt ->
            receipt.isPresent()
                ? threads.stop(key, receipt.get().messageId())
                : Uni.createFrom().item(false))
        .subscribe()
        .with(
            stopped ->
                context.execute(() -> {
                  stopping--;
                  if (stopped && !closed && !requests.containsKey(id)) {
                    outbox.add(ThreadWriter.cancelled(id.value()));
                  }
                }),
            failure ->
                context.execute(() -> {
                  stopping--;
                  outbox.add(error(id.value(), failure));
                }));
  }

  @Override
  public void send(String frame, Runnable written) {
    outbox.add(frame, written);
  }

  @Override
  public void over(ThreadRequest request, String lastFrame) {
    if (requests.remove(request.id(), request)) {
      outbox.add(lastFrame);
    }
  }

  @Override
  public void threadDeleted() {
    end(null, "The thread was deleted");
  }

  /// Closes for want of a thread, having told why.
  private void end(@Nullable Throwable failure, String reason) {
    if (closed || endReason != null) {
      return;
    }
    endReason = reason;
    if (failure != null) {
      outbox.add(error(null, failure));
    }
    for (ThreadRequest request : List.copyOf(requests.values())) {
      request.forget();
      over(request, ThreadWriter.deleted(request.id().value()));
    }
    context.execute(this::drained);
  }

  @Override
  public String error(@Nullable String requestId, Throwable failure) {
    if (failure instanceof RefusedException refused) {
      return ThreadWriter.error(requestId, refused.refusal());
    }
    Fields about = outbound.fields().withSession(key.toString());
    Defects.log(
        requestId == null ? about : about.withRequest(requestId), "A thread's request", failure);
    return ThreadWriter.error(requestId, Defects.TOLD, false, "INTERNAL");
  }

  @Override
  public void leave(String reason) {
    if (endReason == null) {
      leaving = true;
      endReason = reason;
      context.execute(this::drained);
    }
  }

  @Override
  public void closed() {
    if (!closed) {
      closed = true;
      outbox.close();
      early.clear();
      List<ThreadRequest> open = new ArrayList<>(requests.values());
      requests.clear();
      open.forEach(ThreadRequest::forget);
    }
  }

  private void close(int code, String reason) {
    if (!closed) {
      closed();
      outbound.close(code, reason);
    }
  }

  @Override
  public void overflowed() {
    close(Outbound.POLICY_VIOLATION, "The client does not read");
  }

  @Override
  public void broken() {
    close(Outbound.POLICY_VIOLATION, "Writing failed");
  }

  @Override
  public void drained() {
    if (endReason == null || !outbox.isEmpty()) {
      return;
    }
    if (!leaving) {
      close(Outbound.POLICY_VIOLATION, endReason);
    } else if (requests.isEmpty()) {
      close(Outbound.GOING_AWAY, endReason);
    }
  }
}
