package dev.parley.wire.rpc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;

/// What waits to be written on a connection. One write is under way at a time; what gathers
/// meanwhile goes with the next one. Used on the connection's context only.
final class Outbox {
  /// Characters joined into one write: enough to make small messages cheap, little enough that a
  /// Pong does not wait long for the write before it.
  private static final int WRITE_CHARS_MAX = 64 * 1024;

  /// Pongs that wait together; a Ping beyond is answered by those before it.
  private static final int PONGS_MAX = 1024;

  private record Entry(String line, Runnable written) {}

  /// What the owner is told.
  interface Owner {
    /// More waits than may: the client does not read.
    void overflowed();

    /// Writing is no longer possible.
    void broken();

    /// Nothing waits any more.
    void drained();
  }

  private final Outbound outbound;
  private final Executor context;
  private final int charsMax;
  private final Owner owner;
  private final Queue<Entry> waiting = new ArrayDeque<>();
  private long waitingChars;
  private int pongs;
  private boolean writing;
  private boolean closed;

  Outbox(Outbound outbound, Executor context, int charsMax, Owner owner) {
    this.outbound = outbound;
    this.context = context;
    this.charsMax = charsMax;
    this.owner = owner;
  }

  void add(String line) {
    add(line, Outbox::nothing);
  }

  /// @param written called on the context when the line is with the operating system
  void add(String line, Runnable written) {
    waiting.add(new Entry(line, written));
    waitingChars += line.length();
    advance();
  }

  void addPong() {
    pongs = Math.min(pongs + 1, PONGS_MAX);
    advance();
  }

  boolean isEmpty() {
    return waiting.isEmpty() && pongs == 0 && !writing;
  }

  /// Forgets what waits and takes no more.
  void close() {
    closed = true;
    waiting.clear();
    waitingChars = 0;
    pongs = 0;
  }

  private void advance() {
    if (closed) {
      close();
    } else if (!writing && (pongs > 0 || !waiting.isEmpty())) {
      write();
    } else if (waitingChars > charsMax) {
      owner.overflowed();
    }
  }

  private void write() {
    StringBuilder lines = new StringBuilder();
    for (; pongs > 0; pongs--) {
      lines.append(RpcWriter.PONG);
    }
    List<Runnable> written = new ArrayList<>();
    while (!waiting.isEmpty()
        && (lines.isEmpty()
            || lines.length() + waiting.element().line().length() <= WRITE_CHARS_MAX)) {
      Entry entry = waiting.remove();
      waitingChars -= entry.line().length();
      lines.append(entry.line());
      written.add(entry.written());
    }
    writing = true;
    // always by way of the context: a write that completes at once must not recurse
    outbound
        .send(lines.toString())
        .subscribe()
        .with(
            _ -> context.execute(() -> written(written)),
            failure -> context.execute(owner::broken));
  }

  private void written(List<Runnable> written) {
    writing = false;
    written.forEach(Runnable::run);
    advance();
    if (isEmpty() && !closed) {
      owner.drained();
    }
  }

  private static void nothing() {}
}
