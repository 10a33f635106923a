package dev.parley.wire.rpc;

import dev.parley.wire.rpc.codec.RpcMessage;

/// A call whose Exit is still to come. All of it happens on the connection's context; what answers
/// it may come from anywhere and hops there.
abstract sealed class InFlight permits OneCall, ManyCall {
  /// Whom a call tells what comes of it.
  interface Owner {
    /// Runs a task on the connection's context, after those before it.
    void run(Runnable task);

    /// Whether the call still counts: it was neither ended nor given up.
    boolean isOpen(InFlight call);

    /// The call's value, or `null` at the end of a stream. Ends the call, if it still counts.
    void succeeded(InFlight call, String json);

    /// Ends the call, if it still counts.
    void failed(InFlight call, Throwable failure);

    /// Some values of a stream that still counts.
    ///
    /// @param written called on the context when they are with the operating system
    void chunk(ManyCall call, String message, Runnable written);

    /// Frames have been written.
    ///
    /// @param committedNanos when the newest of them was committed
    void delivered(long committedNanos);
  }

  final Owner owner;
  final RpcMessage.Request request;

  /// @param owner whom it tells what comes of it
  InFlight(Owner owner, RpcMessage.Request request) {
    this.owner = owner;
    this.request = request;
  }

  abstract void start();

  /// What the call is about, as a log line may name it.
  abstract String about();

  /// Nobody wants its answer any more.
  abstract void cancel();

  /// The client has taken the last Chunk.
  ///
  /// @return whether it was asked to say so
  abstract boolean acknowledged();
}
