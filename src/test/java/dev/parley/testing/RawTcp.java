package dev.parley.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A TCP connection to a server, for saying half of something.
public final class RawTcp implements AutoCloseable {
  private static final int LIMIT_MS = (int) Duration.ofSeconds(30).toMillis();

  private final Socket socket = new Socket();

  public RawTcp(URI server) throws IOException {
    socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), LIMIT_MS);
    socket.setTcpNoDelay(true);
  }

  public void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Reads until what was read contains this, or the server closes.
  public String readUntil(String end) throws IOException {
    socket.setSoTimeout(LIMIT_MS);
    StringBuilder read = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (read.indexOf(end) < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      read.append((char) next);
    }
    return read.toString();
  }

  /// Waits until the server closes, saying one byte after the other meanwhile.
  ///
  /// @return what the server said before
  public String dripUntilClosed(String drop, Duration pause) throws IOException {
    StringBuilder read = new StringBuilder();
    socket.setSoTimeout((int) pause.toMillis());
    try {
      for (long end = System.nanoTime() + LIMIT_MS * 1_000_000L; System.nanoTime() < end; ) {
        try {
          int next = socket.getInputStream().read();
          if (next < 0) {
            return read.toString();
          }
          read.append((char) next);
        } catch (SocketTimeoutException e) {
          send(drop);
        }
      }
    } catch (SocketException e) {
      // a server that closes does not read what is still on its way
      return read.toString();
    }
    throw new IOException("still open; it said " + read);
  }

  /// Ends the connection without a farewell, by a reset.
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
