package dev.parley.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A wire that can be damaged: carries connections to a port of this machine, until it is told what
/// to do to the next thing that is said on it.
public final class Relay implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192;

  /// What happens next.
  public enum Damage {
    NONE,
    /// The next request is lost, and with it all connections.
    CUT_AT_REQUEST,
    /// The next answer is lost, and with it all connections.
    CUT_AT_ANSWER,
    /// The next request is cut off in its middle, and with it all connections.
    CUT_IN_REQUEST,
    /// The next answer is cut off in its middle, and with it all connections.
    CUT_IN_ANSWER,
    /// Requests wait until [#release].
    HOLD_REQUESTS,
    /// Everything waits until [#release]: both sides believe in a connection that carries nothing.
    HOLD_ALL
  }

  private enum Way {
    REQUEST,
    ANSWER
  }

  private final int target;
  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final Object gate = new Object();
  private Damage damage = Damage.NONE;

  /// @param target the port that connections are carried to
  public Relay(int target) {
    this.target = target;
    try {
      this.server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  public void damage(Damage next) {
    synchronized (gate) {
      damage = next;
      gate.notifyAll();
    }
  }

  /// Carries on, with what was held first.
  public void release() {
    damage(Damage.NONE);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }

  private void cut() {
    release();
    List<Socket> open = List.copyOf(sockets);
    open.forEach(Relay::close);
    sockets.removeAll(open);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> connect(client));
      }
    } catch (IOException e) {
      // Closed.
      cut();
    }
  }

  private void connect(Socket client) {
    try {
      Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(upstream);
      Thread.ofVirtual().start(() -> carry(client, upstream, Way.REQUEST));
      carry(upstream, client, Way.ANSWER);
    } catch (IOException e) {
      // Nobody listens there any more.
      close(client);
    }
  }

  private void carry(Socket from, Socket to, Way way) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        int passing = passing(way, read);
        out.write(buffer, 0, passing);
        if (passing < read) {
          cut();
          break;
        }
      }
    } catch (IOException e) {
      // Ended by one side or by the test.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close(from);
    close(to);
  }

  /// How much of what was read gets through.
  private int passing(Way way, int read) throws InterruptedException {
    synchronized (gate) {
      while (damage == Damage.HOLD_ALL || (damage == Damage.HOLD_REQUESTS && way == Way.REQUEST)) {
        gate.wait();
      }
      return switch (damage) {
        case CUT_AT_REQUEST -> way == Way.REQUEST ? 0 : read;
        case CUT_IN_REQUEST -> way == Way.REQUEST ? read / 2 : read;
        case CUT_AT_ANSWER -> way == Way.ANSWER ? 0 : read;
        case CUT_IN_ANSWER -> way == Way.ANSWER ? read / 2 : read;
        case NONE, HOLD_REQUESTS, HOLD_ALL -> read;
      };
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
