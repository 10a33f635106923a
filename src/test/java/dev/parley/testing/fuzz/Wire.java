package dev.parley.testing.fuzz;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// One TCP connection to the server, and the ways to end it.
final class Wire implements AutoCloseable {
  private static final int READ_LIMIT_MS = 30_000;
  private static final int GLIMPSE_MS = 50;
  private static final int FRAME_BYTES_MAX = 1 << 27;

  /// How a connection ends.
  enum End {
    /// In good form, and the server has the last word.
    FAREWELL,
    /// Without a word.
    FIN,
    /// Without even that.
    RESET
  }

  private final Socket socket;
  private final DataInputStream in;

  Wire(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(READ_LIMIT_MS);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /// Waits a moment for the server to say something, if it has anything to say.
  void firstByte() throws IOException {
    socket.setSoTimeout(GLIMPSE_MS);
    try {
      int _ = in.read();
    } catch (SocketTimeoutException e) {
      // it waits for more
    }
  }

  /// The head of the server's answer.
  String head() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      head.write(in.readUnsignedByte());
    }
    return head.toString(StandardCharsets.US_ASCII);
  }

  /// Reads messages to the connection's end.
  ///
  /// @return the code with which the server closes; 1005 and 1006 as in the RFC
  int messages(Consumer<String> message) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    while (true) {
      int first = in.readUnsignedByte();
      byte[] payload = new byte[length()];
      in.readFully(payload);
      switch (first & 0x0f) {
        case Frames.CLOSE -> {
          return payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | (payload[1] & 0xff);
        }
        case Frames.PING, Frames.PONG -> {}
        default -> {
          whole.writeBytes(payload);
          if ((first & 0x80) != 0) {
            message.accept(whole.toString(StandardCharsets.UTF_8));
            whole.reset();
          }
        }
      }
    }
  }

  private int length() throws IOException {
    int first = in.readUnsignedByte();
    long length =
        switch (first) {
          case 126 -> in.readUnsignedShort();
          case 127 -> in.readLong();
          default -> first;
        };
    if (length < 0 || length > FRAME_BYTES_MAX) {
      throw new IOException("a frame of " + length + " bytes");
    }
    return (int) length;
  }

  /// Reads lines of UTF-8 to the connection's end, or until they are enough.
  void lines(LineTaker taker) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        line.write(next);
      } else if (taker.take(line.toString(StandardCharsets.UTF_8))) {
        return;
      } else {
        line.reset();
      }
    }
    taker.take(line.toString(StandardCharsets.UTF_8));
  }

  /// Takes one line after the other.
  interface LineTaker {
    /// @return whether this was enough
    boolean take(String line);
  }

  void end(End end, byte[] farewell) {
    try {
      switch (end) {
        case FAREWELL -> {
          write(farewell);
          socket.shutdownOutput();
        }
        case FIN -> socket.close();
        case RESET -> {
          socket.setSoLinger(true, 0);
          socket.close();
        }
      }
    } catch (IOException e) {
      // the server was quicker
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
