package dev.parley.wire.rpc;

import dev.parley.loop.TokenBucket;
import dev.parley.wire.Defects;
import dev.parley.wire.auth.Expiry;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.Outbox;
import dev.parley.wire.connection.Peer;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.LineSplitter;
import dev.parley.wire.rpc.codec.RpcMessage;
import dev.parley.wire.rpc.codec.RpcWriter;
import dev.parley.wire.rpc.codec.Serialization;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One client's messages, whatever carries its bytes. All methods are called on the connection's
/// context.
final class RpcConnection implements Peer {
  private final RpcEndpoint endpoint;
  private final Outbound outbound;
  private final Manner manner;
  private final TokenBucket frames;
  private final LineSplitter messages;
  private final Replies replies;
  private final OpenCalls calls;

  /// When the last bytes came.
  private long receivedNanos;

  private int garbage;
  private boolean ended;
  private boolean closed;

  /// The client's token has come to its end; what still comes of its body is not begun.
  private boolean expired;

  /// Why the node closes the connection once all is answered; absent: it does not.
  private @Nullable String leaving;

  /// @param context runs what is given to it later, in order, on the thread that all else is called
  ///   on
  RpcConnection(
      RpcEndpoint endpoint, Outbound outbound, Executor context, Manner manner, Standing standing) {
    RpcSettings settings = endpoint.settings();
    this.endpoint = endpoint;
    this.outbound = outbound;
    this.manner = manner;
    this.frames = settings.connection().frames(endpoint.nanoTime());
    this.messages =
        new LineSplitter(
            manner.serialization(),
            settings.lineBytesMax(),
            RpcSettings.LINE_BYTES_CLOSE,
            new Messages());
    this.replies = new Replies(manner, settings, outbound, context, new Written());
    this.calls = new OpenCalls(endpoint, manner, standing, context, replies, frames, outbound);
  }

  /// Bytes from the client: a WebSocket message, or a piece of a body.
  @Override
  public void receive(byte[] bytes) {
    if (!closed) {
      receivedNanos = endpoint.nanoTime().getAsLong();
      messages.feed(bytes);
      if (manner.carrier() == Carrier.SOCKET && manner.serialization() == Serialization.JSON) {
        messages.finish();
      }
    }
  }

  /// The client sends no more; the connection closes when all is answered and written.
  void endOfInput() {
    if (!closed) {
      messages.finish();
      ended = true;
      closeWhenDone();
    }
  }

  @Override
  public void leave(String reason) {
    leaving = reason;
    closeWhenDone();
  }

  /// The client's token has come to its end: so do its streams.
  void expired() {
    expired = true;
    if (!closed) {
      calls.endStreams(Expiry.refusal().refusal());
      closeWhenDone();
    }
  }

  /// The carrier is gone, or is to go: ends every stream and forgets every call.
  @Override
  public void closed() {
    if (!closed) {
      closed = true;
      replies.close();
      calls.forget();
    }
  }

  private void close(int code, String reason) {
    if (!closed) {
      closed();
      outbound.close(code, reason);
    }
  }

  private void closeWhenDone() {
    if (closed || !calls.isEmpty() || !replies.areWritten()) {
      return;
    }
    if (leaving != null) {
      close(Outbound.GOING_AWAY, leaving);
    } else if (ended) {
      close(Outbound.NORMAL, "");
    }
  }

  private void handle(RpcMessage message) {
    endpoint.metrics().frame();
    try {
      carryOut(message);
    } catch (RuntimeException e) {
      Defects.log(outbound.fields(), "A message", e);
      replies.add(RpcWriter.defect(Defects.TOLD));
    }
  }

  private void carryOut(RpcMessage message) {
    switch (message) {
      case RpcMessage.Request request when expired ->
          calls.refuse(request, Expiry.refusal().refusal());
      case RpcMessage.Request request -> calls.begin(request, frames.take(), receivedNanos);
      case RpcMessage.Ack ack -> {
        // what we asked for costs the client nothing: our own pace would use up its allowance
        if (!calls.acknowledged(ack.requestId())) {
          var _ = frames.take();
        }
      }
      case RpcMessage.Interrupt interrupt -> {
        var _ = frames.take();
        calls.interrupt(interrupt.requestId());
      }
      case RpcMessage.Ping _ -> {
        var _ = frames.take();
        replies.addUrgent(RpcWriter.PONG);
      }
      // a socket says by closing that it is done, a body by ending
      case RpcMessage.Eof _, RpcMessage.Nothing _ -> {
        var _ = frames.take();
      }
      case RpcMessage.Refused refused -> {
        var _ = frames.take();
        calls.refuse(refused);
      }
      case RpcMessage.Unreadable unreadable -> unreadable(unreadable.why());
    }
  }

  private void unreadable(String why) {
    var _ = frames.take();
    endpoint.metrics().garbage();
    garbage++;
    if (garbage > endpoint.settings().garbageMax()) {
      endpoint.metrics().refused("garbage");
      close(Outbound.POLICY_VIOLATION, "Too many messages that cannot be read");
    } else {
      replies.add(RpcWriter.defect(why));
    }
  }

  private final class Messages implements LineSplitter.Sink {
    @Override
    public void line(byte[] utf8) {
      if (closed) {
        return;
      }
      for (RpcMessage message : endpoint.reader().read(manner.serialization(), utf8)) {
        if (!closed) {
          handle(message);
        }
      }
    }

    @Override
    public void tooLong(byte[] abridged) {
      if (!closed) {
        handle(endpoint.reader().tooLong(abridged, endpoint.settings().lineBytesMax()));
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
}
