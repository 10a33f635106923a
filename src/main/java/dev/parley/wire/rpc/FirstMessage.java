package dev.parley.wire.rpc;

import dev.parley.wire.connection.Peer;
import dev.parley.wire.rpc.codec.Serialization;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A socket whose client has not said yet how it keeps messages apart. The first message tells, for
/// the life of the connection.
final class FirstMessage implements Peer {
  private final Function<Serialization, RpcConnection> connections;
  private @Nullable RpcConnection connection;

  FirstMessage(Function<Serialization, RpcConnection> connections) {
    this.connections = connections;
  }

  @Override
  public void receive(byte[] message) {
    if (connection == null) {
      connection = connections.apply(Serialization.of(message));
    }
    connection.receive(message);
  }

  @Override
  public void leave(String reason) {
    if (connection == null) {
      connection = connections.apply(Serialization.JSON);
    }
    connection.leave(reason);
  }

  @Override
  public void closed() {
    if (connection != null) {
      connection.closed();
    }
  }
}
