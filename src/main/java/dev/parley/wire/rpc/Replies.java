package dev.parley.wire.rpc;

import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.Outbox;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.Serialization;
import java.util.concurrent.Executor;

/// Messages on their way to one client, in the form it wants. Used on the connection's context
/// only.
final class Replies {
  private final Outbox outbox;
  private final boolean gathered;
  private long room;

  Replies(
      Manner manner,
      RpcSettings settings,
      Outbound outbound,
      Executor context,
      Outbox.Owner owner) {
    boolean lines = manner.serialization() == Serialization.NDJSON;
    this.outbox =
        new Outbox(
            outbound,
            context,
            lines ? Outbox.Writes.LINES : Outbox.Writes.SINGLE,
            settings.connection().unwrittenCharsMax(),
            owner);
    this.gathered = !lines && manner.carrier() == Carrier.HTTP;
    this.room = settings.gatheredCharsMax();
  }

  /// Whether a value of this length may be sent. Always, but where the client wants all messages in
  /// one piece: those have to be kept until the last one is there.
  boolean hasRoom(long chars) {
    return !gathered || chars <= room;
  }

  void add(String message) {
    add(message, () -> {});
  }

  /// @param written called on the context when the message is with the operating system
  void add(String message, Runnable written) {
    room -= message.length();
    outbox.add(message, written);
  }

  /// Goes ahead of everything that waits.
  void addUrgent(String message) {
    outbox.addUrgent(message);
  }

  boolean areWritten() {
    return outbox.isEmpty();
  }

  void close() {
    outbox.close();
  }
}
