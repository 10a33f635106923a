package dev.parley.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// The client's end of a WebSocket, with nothing between a test and the bytes, so that a connection
/// that is cut in any way is noticed at once: the JDK's client now and then misses the end of a
/// connection that breaks while it writes, and its calls hang.
final class PlainWebSocket {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int LAST = 0x80;
  private static final int MASKED = 0x80;
  private static final int BYTES_2 = 126;
  private static final int BYTES_8 = 127;
  private static final int FRAME_BYTES_MAX = 1 << 27;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final OutputStream out;
  private final Listener listener;

  /// Frames on their way out; an empty one ends the writing.
  private final BlockingQueue<byte[]> leaving = new LinkedBlockingQueue<>();

  private final AtomicBoolean ended = new AtomicBoolean();

  /// Who hears what comes in, on the socket's thread.
  interface Listener {
    /// Some of a text: the next piece follows it, in the same message or another.
    void text(byte[] utf8);

    /// Called once; nothing comes after it.
    void ended(String how);
  }

  /// Connects.
  ///
  /// @throws IOException when nobody listens, or who does wants no WebSocket
  PlainWebSocket(URI url, Duration limit, Listener listener) throws IOException {
    this.listener = listener;
    try {
      int limitMs = (int) limit.toMillis();
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), limitMs);
      socket.setSoTimeout(limitMs);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = socket.getOutputStream();
      shakeHands(url);
      socket.setSoTimeout(0);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    Thread.ofVirtual().start(this::read);
    Thread.ofVirtual().start(this::write);
  }

  /// Sends one text, after those before it.
  void send(String text) {
    leave(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Says farewell; the server's answer ends the connection.
  void close() {
    leave(CLOSE, new byte[] {1000 >> 8, (byte) 1000});
  }

  /// Cuts the connection without a word.
  void abort(String how) {
    if (ended.compareAndSet(false, true)) {
      leaving.add(new byte[0]);
      try {
        socket.close();
      } catch (IOException e) {
        listener.ended(how + ": " + e.getMessage());
        return;
      }
      listener.ended(how);
    }
  }

  private void shakeHands(URI url) throws IOException {
    String path =
        url.getRawQuery() == null ? url.getRawPath() : url.getRawPath() + "?" + url.getRawQuery();
    out.write(
        """
        GET %s HTTP/1.1\r
        Host: %s:%d\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: cGFybGV5IHRlc3QgY2xpZW50\r
        \r
        """
            .formatted(path, url.getHost(), url.getPort())
            .getBytes(StandardCharsets.US_ASCII));
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      head.write(in.readUnsignedByte());
    }
    String answer = head.toString(StandardCharsets.US_ASCII);
    if (!answer.startsWith("HTTP/1.1 101 ")) {
      throw new IOException("no WebSocket: " + answer.lines().findFirst().orElse(""));
    }
  }

  private void read() {
    String how = "closed";
    try {
      while (true) {
        int opcode = in.readUnsignedByte() & 0x0f;
        byte[] payload = new byte[length()];
        in.readFully(payload);
        if (opcode == CLOSE) {
          how = closing(payload);
          leave(CLOSE, payload);
          break;
        }
        switch (opcode) {
          case PING -> leave(PONG, payload);
          case PONG -> {}
          default -> listener.text(payload);
        }
      }
    } catch (EOFException e) {
      how = "closed without a word";
    } catch (IOException | RuntimeException e) {
      how = "broken: " + e.getMessage();
    }
    abort(how);
  }

  private int length() throws IOException {
    int first = in.readUnsignedByte();
    long length =
        switch (first) {
          case BYTES_2 -> in.readUnsignedShort();
          case BYTES_8 -> in.readLong();
          default -> first;
        };
    if (length > FRAME_BYTES_MAX) {
      throw new IOException("a frame of " + length + " bytes");
    }
    return (int) length;
  }

  private static String closing(byte[] payload) {
    if (payload.length < 2) {
      return "closed with 1005 ";
    }
    ByteBuffer bytes = ByteBuffer.wrap(payload);
    return "closed with " + bytes.getShort() + " " + StandardCharsets.UTF_8.decode(bytes);
  }

  /// Puts a frame into the queue. Its mask is 0, which is as good as any for a test.
  private void leave(int opcode, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
    frame.put((byte) (LAST | opcode));
    if (payload.length < BYTES_2) {
      frame.put((byte) (MASKED | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) (MASKED | BYTES_2)).putShort((short) payload.length);
    } else {
      frame.put((byte) (MASKED | BYTES_8)).putLong(payload.length);
    }
    frame.putInt(0).put(payload).flip();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    leaving.add(bytes);
  }

  private void write() {
    try {
      for (byte[] frame = leaving.take(); frame.length > 0; frame = leaving.take()) {
        out.write(frame);
      }
    } catch (IOException e) {
      abort("cannot be written to: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
