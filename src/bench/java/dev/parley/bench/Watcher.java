package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.NetClient;
import org.jspecify.annotations.Nullable;

/// One socket that watches one session: it acknowledges what it gets and keeps nothing.
public final class Watcher {
  private static final String ACK = "{\"_tag\":\"Ack\",\"requestId\":0}\n";
  private static final String PING = "{\"_tag\":\"Ping\"}\n";
  private static final String PONG = "{\"_tag\":\"Pong\"}";

  /// How it goes away.
  public enum Leave {
    /// In good form.
    FAREWELL,
    /// Without a word: by RST where its client resets, else by FIN.
    CUT
  }

  private final Leave leave;
  private final Promise<Watcher> watching = Promise.promise();
  private volatile @Nullable BareSocket socket;
  private volatile boolean gone;

  private Watcher(Leave leave) {
    this.leave = leave;
  }

  /// Done when the first state has come.
  public static Future<Watcher> open(NetClient client, int port, String key, Leave leave) {
    Watcher watcher = new Watcher(leave);
    return BareSocket.open(client, port, "/ws", watcher::received)
        .compose(socket -> {
          watcher.socket = socket;
          socket.send(
              "{\"_tag\":\"Request\",\"id\":0,\"tag\":\"chat.subscribe\",\"payload\":%s,\"headers\":[]}\n"
                  .formatted(BenchClient.session(key)));
          return watcher.watching.future();
        });
  }

  /// A sign of life of Effect RPC.
  public void ping() {
    BareSocket to = socket;
    if (to != null) {
      to.send(PING);
    }
  }

  private void received(String message) {
    BareSocket to = socket;
    if (message.startsWith("{\"_tag\":\"Chunk\"") && to != null) {
      if (!gone) {
        to.send(ACK);
      }
      watching.tryComplete(this);
    } else if (!message.startsWith(PONG)) {
      watching.tryFail(message);
    }
  }

  public Future<Void> leave() {
    gone = true;
    BareSocket from = socket;
    if (from == null) {
      return Future.succeededFuture();
    }
    return switch (leave) {
      case FAREWELL -> from.farewell();
      case CUT -> from.cut();
    };
  }
}
