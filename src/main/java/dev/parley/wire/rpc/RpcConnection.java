package dev.parley.wire.rpc;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.Defects;
import dev.parley.wire.call.Answer;
import dev.parley.wire.call.Calls;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.Outbox;
import dev.parley.wire.connection.Peer;
import dev.parley.wire.rpc.RpcMessage.ReplyWish;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// One client's calls, whatever carries its bytes. All methods are called on the connection's
/// context; what calls answer may come from anywhere and hops there.
final class RpcConnection implements Peer {

  /// When a stream may send its next Chunk.
  enum Pace {
    /// The client acknowledged the last one, and it is written.
    ACKNOWLEDGED,
    /// The last one is written: the carrier has no way back.
    WRITTEN
  }

  private final Calls procedures;
  private final RpcSettings settings;
  private final Outbound outbound;
  private final Executor context;
  private final boolean beta;
  private final Pace pace;
  private final LineSplitter lines;
  private final Outbox outbox;
  private final Map<RpcId, InFlight> calls = new HashMap<>();

  /// Calls under way whose outcome nobody wants to hear.
  private int unheard;

  private boolean ended;
  private boolean closed;

  /// @param context runs what is given to it later, in order, on the thread that all else is called
  ///   on
  /// @param beta the client speaks [Dialect#V4_BETA] where it uses string ids
  RpcConnection(
      Calls procedures,
      RpcSettings settings,
      Outbound outbound,
      Executor context,
      boolean beta,
      Pace pace) {
    this.procedures = procedures;
    this.settings = settings;
    this.outbound = outbound;
    this.context = context;
    this.beta = beta;
    this.pace = pace;
    this.lines =
        new LineSplitter(settings.lineBytesMax(), RpcSettings.LINE_BYTES_CLOSE, new Lines());
    this.outbox =
        new Outbox(
            outbound,
            context,
            Outbox.Writes.JOINED,
            settings.connection().unwrittenCharsMax(),
            new Written());
  }

  /// Bytes from the client, cut anywhere.
  @Override
  public void receive(byte[] bytes) {
    if (!closed) {
      lines.feed(bytes);
    }
  }

  /// The client sends no more; the connection closes when all is answered and written.
  void endOfInput() {
    if (!closed) {
      lines.finish();
      ended = true;
      closeWhenDone();
    }
  }

  /// The carrier is gone, or is to go: ends every stream and forgets every call.
  @Override
  public void closed() {
    if (!closed) {
      closed = true;
      outbox.close();
      List<InFlight> open = new ArrayList<>(calls.values());
      calls.clear();
      open.forEach(InFlight::cancel);
    }
  }

  private void close(int code, String reason) {
    if (!closed) {
      closed();
      outbound.close(code, reason);
    }
  }

  private void closeWhenDone() {
    if (ended && calls.isEmpty() && outbox.isEmpty()) {
      close(Outbound.NORMAL, "");
    }
  }

  private void handle(RpcMessage message) {
    switch (message) {
      case RpcMessage.Request request -> request(request);
      case RpcMessage.Ack ack -> {
        InFlight call = calls.get(ack.requestId());
        if (call != null) {
          call.acknowledged();
        }
      }
      case RpcMessage.Interrupt interrupt -> interrupt(interrupt.requestId());
      case RpcMessage.Ping _ -> outbox.addUrgent(RpcWriter.PONG);
      case RpcMessage.Eof _ -> {
        // a socket says by closing that it is done; a body by ending
      }
      case RpcMessage.Nothing _ -> {}
      case RpcMessage.Refused refused ->
          outbox.add(RpcWriter.fail(refused.id(), dialect(refused.id()), refused.refusal()));
      case RpcMessage.Unreadable unreadable -> outbox.add(RpcWriter.defect(unreadable.why()));
    }
  }

  private Dialect dialect(RpcId id) {
    return Dialect.of(id, beta);
  }

  private void request(RpcMessage.Request request) {
    RpcId id = request.id();
    if (calls.containsKey(id)) {
      refuse(request, RpcWriter.die(id, dialect(id), "Request id is in use: " + id.json()));
      return;
    }
    if (calls.size() + unheard >= settings.callsMax()) {
      Refusal refusal =
          new Refusal.LimitExceeded(
              "calls", "A connection has at most " + settings.callsMax() + " open calls.", null);
      refuse(request, RpcWriter.fail(id, dialect(id), refusal));
      return;
    }
    Answer answer;
    try {
      answer = procedures.call(request.tag(), request.payload());
    } catch (RuntimeException e) {
      refuse(request, failure(request, request.tag(), e));
      return;
    }
    switch (answer) {
      case Answer.Unknown _ ->
          refuse(
              request,
              RpcWriter.die(
                  id, dialect(id), "Unknown request tag: " + RpcReader.echo(request.tag())));
      case Answer.One one when request.reply() == ReplyWish.FULL ->
          start(new OneCall(request, one));
      case Answer.One one -> startUnheard(request, one);
      case Answer.Many many when request.reply() == ReplyWish.FULL ->
          start(new ManyCall(request, many));
      case Answer.Many _ -> acknowledge(request);
    }
  }

  /// Answers a call that does not start.
  private void refuse(RpcMessage.Request request, String exit) {
    if (request.reply() != ReplyWish.NONE) {
      outbox.add(exit);
    }
  }

  /// @param what the call, as a log line may name it
  private String failure(RpcMessage.Request request, String what, Throwable failure) {
    RpcId id = request.id();
    if (failure instanceof RefusedException refused) {
      return RpcWriter.fail(id, dialect(id), refused.refusal());
    }
    Defects.log(what, failure);
    return RpcWriter.die(id, dialect(id), Defects.TOLD);
  }

  private static String name(RpcMessage.Request request, String about) {
    return request.tag() + " of " + about;
  }

  private void start(InFlight call) {
    calls.put(call.request.id(), call);
    call.start();
  }

  private void startUnheard(RpcMessage.Request request, Answer.One one) {
    acknowledge(request);
    unheard++;
    var _ =
        one.json()
            .subscribe()
            .with(
                _ -> context.execute(() -> unheard--),
                failure -> context.execute(() -> failedUnheard(request, one, failure)));
  }

  private void failedUnheard(RpcMessage.Request request, Answer.One one, Throwable failure) {
    unheard--;
    failure(request, name(request, one.about()), failure);
  }

  private void acknowledge(RpcMessage.Request request) {
    if (request.reply() == ReplyWish.RECEIPT) {
      outbox.add(RpcWriter.success(request.id(), "null"));
    }
  }

  private void interrupt(RpcId id) {
    InFlight call = calls.remove(id);
    if (call != null) {
      call.cancel();
      outbox.add(RpcWriter.interrupted(id, dialect(id)));
    }
  }

  private final class Lines implements LineSplitter.Sink {
    @Override
    public void line(byte[] utf8) {
      if (closed) {
        return;
      }
      try {
        handle(RpcReader.read(utf8));
      } catch (RuntimeException e) {
        Defects.log("a message", e);
        outbox.add(RpcWriter.defect(Defects.TOLD));
      }
    }

    @Override
    public void tooLong(byte[] beginning) {
      if (!closed) {
        handle(RpcReader.tooLong(beginning, settings.lineBytesMax()));
      }
    }

    @Override
    public void endless() {
      close(
          Outbound.TOO_BIG,
          "RPC serialization buffer exceeded the maximum size of " + RpcSettings.LINE_BYTES_CLOSE);
    }
  }

  private final class Written implements Outbox.Owner {
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
      closeWhenDone();
    }
  }

  /// A call whose Exit is still to come.
  private abstract class InFlight {
    final RpcMessage.Request request;

    InFlight(RpcMessage.Request request) {
      this.request = request;
    }

    abstract void start();

    /// What the call is about, as a log line may name it.
    abstract String about();

    abstract void cancel();

    /// The client has taken the last Chunk.
    abstract void acknowledged();

    boolean isOpen() {
      return equals(calls.get(request.id()));
    }

    /// Sends the Exit, unless the call was ended before.
    final void exit(String line) {
      if (calls.remove(request.id(), this)) {
        outbox.add(line);
      }
    }

    final void succeeded(String json) {
      exit(RpcWriter.success(request.id(), json));
    }

    final void failed(Throwable failure) {
      if (isOpen()) {
        exit(failure(request, name(request, about()), failure));
      }
    }
  }

  private final class OneCall extends InFlight {
    private final Answer.One answer;
    private @Nullable Cancellable running;

    OneCall(RpcMessage.Request request, Answer.One answer) {
      super(request);
      this.answer = answer;
    }

    @Override
    String about() {
      return answer.about();
    }

    @Override
    void start() {
      running =
          answer
              .json()
              .subscribe()
              .with(
                  json -> context.execute(() -> succeeded(json)),
                  failure -> context.execute(() -> failed(failure)));
    }

    @Override
    void cancel() {
      if (running != null) {
        running.cancel();
      }
    }

    @Override
    void acknowledged() {}
  }

  private final class ManyCall extends InFlight implements MultiSubscriber<List<String>> {
    private final Answer.Many answer;
    private Flow.@Nullable Subscription upstream;
    private boolean unwritten;
    private boolean unacknowledged;

    ManyCall(RpcMessage.Request request, Answer.Many answer) {
      super(request);
      this.answer = answer;
    }

    @Override
    String about() {
      return answer.about();
    }

    @Override
    void start() {
      answer.batches().subscribe().withSubscriber(this);
    }

    @Override
    void cancel() {
      if (upstream != null) {
        upstream.cancel();
      }
    }

    @Override
    void acknowledged() {
      if (unacknowledged) {
        unacknowledged = false;
        next();
      }
    }

    private void next() {
      if (!unwritten && !unacknowledged && upstream != null && isOpen()) {
        upstream.request(1);
      }
    }

    private void send(List<String> values) {
      if (!isOpen()) {
        return;
      }
      unwritten = true;
      unacknowledged = pace == Pace.ACKNOWLEDGED;
      outbox.add(
          RpcWriter.chunk(request.id(), values),
          () -> {
            unwritten = false;
            next();
          });
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      context.execute(() -> {
        upstream = subscription;
        if (isOpen()) {
          next();
        } else {
          subscription.cancel();
        }
      });
    }

    @Override
    public void onItem(List<String> values) {
      context.execute(() -> send(values));
    }

    @Override
    public void onFailure(Throwable failure) {
      context.execute(() -> failed(failure));
    }

    @Override
    public void onCompletion() {
      context.execute(() -> succeeded("null"));
    }
  }
}
