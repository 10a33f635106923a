package dev.parley.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;

/// A WebSocket that costs next to nothing and can leave in every way. It knows no more of the
/// protocol than it needs. Everything is on the socket's event loop.
public final class BareSocket {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final String END_OF_HEAD = "\r\n\r\n";

  private final NetSocket socket;
  private final Consumer<String> messages;
  private final Promise<BareSocket> upgraded = Promise.promise();
  private final Promise<Void> closed = Promise.promise();
  private boolean open;
  private Buffer unread = Buffer.buffer();

  private BareSocket(NetSocket socket, Consumer<String> messages) {
    this.socket = socket;
    this.messages = messages;
    socket.handler(this::received);
    socket.exceptionHandler(_ -> {});
    socket.closeHandler(_ -> {
      upgraded.tryFail("closed before it was a WebSocket");
      closed.tryComplete();
    });
  }

  /// A client whose sockets are reset when they are closed, or end in good form as far as TCP goes.
  public static NetClient client(Vertx vertx, boolean reset) {
    NetClientOptions options = new NetClientOptions().setTcpNoDelay(true);
    return vertx.createNetClient(reset ? options.setSoLinger(0) : options);
  }

  /// @param messages takes each text of the server
  public static Future<BareSocket> open(
      NetClient client, int port, String path, Consumer<String> messages) {
    return client
        .connect(port, "127.0.0.1")
        .compose(socket -> {
          BareSocket bare = new BareSocket(socket, messages);
          return socket
              .write(
                  """
                  GET %s HTTP/1.1\r
                  Host: 127.0.0.1\r
                  Upgrade: websocket\r
                  Connection: Upgrade\r
                  Sec-WebSocket-Version: 13\r
                  Sec-WebSocket-Key: cGFybGV5IHRlc3QgY2xpZW50\r
                  \r
                  """
                      .formatted(path))
              .compose(_ -> bare.upgraded.future());
        });
  }

  /// Callable anywhere.
  void send(String text) {
    write(TEXT, Buffer.buffer(text));
  }

  /// Says farewell; the server ends the connection.
  public Future<Void> farewell() {
    write(CLOSE, Buffer.buffer().appendShort((short) 1000));
    return closed.future();
  }

  /// Leaves without a word: by FIN, or by RST where the client resets.
  Future<Void> cut() {
    return socket.close();
  }

  /// A mask of 0 is as good as any here.
  private void write(int opcode, Buffer payload) {
    Buffer frame = Buffer.buffer(payload.length() + 8).appendByte((byte) (0x80 | opcode));
    if (payload.length() < 126) {
      frame.appendByte((byte) (0x80 | payload.length()));
    } else {
      frame.appendByte((byte) (0x80 | 126)).appendShort((short) payload.length());
    }
    var _ = socket.write(frame.appendInt(0).appendBuffer(payload));
  }

  private void received(Buffer bytes) {
    unread.appendBuffer(bytes);
    if (!open) {
      String head = unread.toString();
      int end = head.indexOf(END_OF_HEAD);
      if (end < 0) {
        return;
      }
      open = true;
      unread = unread.getBuffer(end + END_OF_HEAD.length(), unread.length());
      if (!head.startsWith("HTTP/1.1 101 ")) {
        upgraded.tryFail(head.lines().findFirst().orElse(""));
        return;
      }
      upgraded.complete(this);
    }
    int at = 0;
    for (int next = frame(at); next > at; next = frame(at)) {
      at = next;
    }
    unread = at == unread.length() ? Buffer.buffer() : unread.getBuffer(at, unread.length());
  }

  /// Reads the frame that begins there.
  ///
  /// @return where the next one begins; the same: it is not whole yet
  private int frame(int at) {
    if (unread.length() < at + 2) {
      return at;
    }
    int opcode = unread.getByte(at) & 0x0f;
    long length = unread.getByte(at + 1) & 0x7f;
    int begin = at + 2;
    if (length >= 126) {
      begin += length == 126 ? 2 : 8;
      if (unread.length() < begin) {
        return at;
      }
      length = length == 126 ? unread.getUnsignedShort(at + 2) : unread.getLong(at + 2);
    }
    if (unread.length() < begin + length) {
      return at;
    }
    int end = begin + (int) length;
    switch (opcode) {
      case TEXT -> messages.accept(unread.getString(begin, end));
      case PING -> write(PONG, unread.getBuffer(begin, end));
      default -> {}
    }
    return end;
  }
}
