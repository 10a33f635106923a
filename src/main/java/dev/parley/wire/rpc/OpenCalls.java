package dev.parley.wire.rpc;

import dev.parley.loop.TokenBucket;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.trace.Incoming;
import dev.parley.wire.Defects;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.call.Answer;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.rpc.codec.Dialect;
import dev.parley.wire.rpc.codec.RpcId;
import dev.parley.wire.rpc.codec.RpcMessage;
import dev.parley.wire.rpc.codec.RpcMessage.ReplyWish;
import dev.parley.wire.rpc.codec.RpcReader;
import dev.parley.wire.rpc.codec.RpcWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/// The calls of one connection that are under way, and whether there is room for another one. Used
/// on the connection's context only.
final class OpenCalls implements InFlight.Owner {
  private final RpcEndpoint endpoint;
  private final Manner manner;
  private final Standing standing;
  private final Executor context;
  private final Replies replies;
  private final TokenBucket frames;
  private final Outbound connection;
  private final Map<RpcId, InFlight> calls = new HashMap<>();
  private int streams;

  /// Calls under way whose outcome nobody wants to hear.
  private int unheard;

  /// @param frames what the connection may still send
  /// @param connection the way out of it
  OpenCalls(
      RpcEndpoint endpoint,
      Manner manner,
      Standing standing,
      Executor context,
      Replies replies,
      TokenBucket frames,
      Outbound connection) {
    this.endpoint = endpoint;
    this.manner = manner;
    this.standing = standing;
    this.context = context;
    this.replies = replies;
    this.frames = frames;
    this.connection = connection;
  }

  boolean isEmpty() {
    return calls.isEmpty();
  }

  /// Begins a call, or says why not.
  ///
  /// @param paid whether the message had a token of its own
  /// @param nanos when it came in
  void begin(RpcMessage.Request request, boolean paid, long nanos) {
    RpcId id = request.id();
    if (!paid) {
      Refusal tooMany =
          limit("frames", "A connection sends too many messages a second.", frames.waitMs());
      refuse(request, tooMany);
      return;
    }
    if (calls.containsKey(id)) {
      answer(request, RpcWriter.die(id, dialect(id), "Request id is in use: " + id.json()));
      return;
    }
    int callsMax = endpoint.settings().callsMax();
    if (calls.size() + unheard >= callsMax) {
      refuse(request, limit("calls", "A connection has at most " + callsMax + " open calls."));
      return;
    }
    Answer answer;
    try {
      answer =
          endpoint.calls().call(standing, request.tag(), request.payload(), incoming(id, nanos));
    } catch (RuntimeException e) {
      answer(request, failure(request, "", e));
      return;
    }
    switch (answer) {
      case Answer.Unknown _ ->
          answer(
              request,
              RpcWriter.die(
                  id, dialect(id), "Unknown request tag: " + RpcReader.echo(request.tag())));
      case Answer.One one when request.reply() == ReplyWish.FULL ->
          start(new OneCall(this, request, one));
      case Answer.One one -> startUnheard(request, one);
      case Answer.Many many -> beginStream(request, many);
    }
  }

  private Incoming incoming(RpcId id, long nanos) {
    return new Incoming(connection.fields().withRequest(id.text()), connection.upstream(), nanos);
  }

  private void beginStream(RpcMessage.Request request, Answer.Many many) {
    int streamsMax = endpoint.settings().streamsMax();
    if (request.reply() != ReplyWish.FULL) {
      acknowledge(request);
    } else if (streams >= streamsMax) {
      refuse(
          request, limit("streams", "A connection has at most " + streamsMax + " open streams."));
    } else {
      streams++;
      start(new ManyCall(this, request, many, manner.carrier()));
    }
  }

  /// @return whether a Chunk of the call waited for it
  boolean acknowledged(RpcId id) {
    InFlight call = calls.get(id);
    return call != null && call.acknowledged();
  }

  void interrupt(RpcId id) {
    InFlight call = calls.get(id);
    if (call != null) {
      call.cancel();
      end(call, RpcWriter.interrupted(id, dialect(id)));
    }
  }

  /// Forgets every call: nobody is there to be answered.
  void forget() {
    List<InFlight> open = new ArrayList<>(calls.values());
    calls.clear();
    open.forEach(InFlight::cancel);
  }

  /// Ends every stream with this refusal; what has one answer gets it.
  void endStreams(Refusal refusal) {
    for (InFlight call : List.copyOf(calls.values())) {
      if (call instanceof ManyCall) {
        call.cancel();
        end(call, refusal(call.request.id(), refusal));
      }
    }
  }

  /// Refuses a call that cannot be read whole.
  void refuse(RpcMessage.Refused refused) {
    replies.add(refusal(refused.id(), refused.refusal()));
  }

  void refuse(RpcMessage.Request request, Refusal refusal) {
    answer(request, refusal(request.id(), refusal));
  }

  /// Answers a call that does not start.
  private void answer(RpcMessage.Request request, String exit) {
    if (request.reply() != ReplyWish.NONE) {
      replies.add(exit);
    }
  }

  private void acknowledge(RpcMessage.Request request) {
    if (request.reply() == ReplyWish.RECEIPT) {
      replies.add(RpcWriter.success(request.id(), "null"));
    }
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
                _ -> run(() -> unheard--),
                failure -> run(() -> failedUnheard(request, one, failure)));
  }

  private void failedUnheard(RpcMessage.Request request, Answer.One one, Throwable failure) {
    unheard--;
    var _ = failure(request, one.about(), failure);
  }

  @Override
  public void run(Runnable task) {
    context.execute(task);
  }

  @Override
  public boolean isOpen(InFlight call) {
    return call.equals(calls.get(call.request.id()));
  }

  @Override
  public void succeeded(InFlight call, String json) {
    if (isOpen(call)) {
      String exit = RpcWriter.success(call.request.id(), json);
      if (replies.hasRoom(exit.length())) {
        end(call, exit);
      } else {
        endWithoutRoom(call);
      }
    }
  }

  @Override
  public void failed(InFlight call, Throwable failure) {
    if (isOpen(call)) {
      end(call, failure(call.request, call.about(), failure));
    }
  }

  @Override
  public void delivered(long committedNanos) {
    endpoint.metrics().delivered(endpoint.nanoTime().getAsLong() - committedNanos);
  }

  @Override
  public void chunk(ManyCall call, String message, Runnable written) {
    if (replies.hasRoom(message.length())) {
      replies.add(message, written);
    } else {
      call.cancel();
      endWithoutRoom(call);
    }
  }

  private void endWithoutRoom(InFlight call) {
    int charsMax = endpoint.settings().gatheredCharsMax();
    Refusal tooLong =
        limit("answer", "An answer in one piece has at most " + charsMax + " characters.");
    end(call, refusal(call.request.id(), tooLong));
  }

  private void end(InFlight call, String exit) {
    calls.remove(call.request.id());
    streams -= call instanceof ManyCall ? 1 : 0;
    replies.add(exit);
  }

  /// @param about the session or the user it was about; empty: neither is known
  private String failure(RpcMessage.Request request, String about, Throwable failure) {
    RpcId id = request.id();
    if (failure instanceof RefusedException refused) {
      return refusal(id, refused.refusal());
    }
    Defects.log(
        connection.fields().withRequest(id.text()).withSession(about),
        "Call " + request.tag(),
        failure);
    return RpcWriter.die(id, dialect(id), Defects.TOLD);
  }

  private String refusal(RpcId id, Refusal refusal) {
    if (refusal instanceof Refusal.LimitExceeded exceeded) {
      endpoint.metrics().refused(exceeded.limit());
    }
    return RpcWriter.fail(id, dialect(id), refusal);
  }

  private static Refusal limit(String name, String message) {
    return new Refusal.LimitExceeded(name, message, null);
  }

  private static Refusal limit(String name, String message, long retryAfterMs) {
    return new Refusal.LimitExceeded(name, message, retryAfterMs);
  }

  private Dialect dialect(RpcId id) {
    return Dialect.of(id, manner.beta());
  }
}
