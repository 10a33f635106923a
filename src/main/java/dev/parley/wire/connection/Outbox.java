package dev.parley.wire.connection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;

/// What waits to be written on a connection. One write is under way at a time. Used on the
/// connection's context only.
public final class Outbox {
  /// Characters joined into one write: enough to make small messages cheap, little enough that what
  /// is urgent does not wait long for the write before it.
  private static final int WRITE_CHARS_MAX = 64 * 1024;

  /// Urgent messages that wait together; one beyond is told by those before it.
  private static final int URGENT_MAX = 1024;

  /// How messages become writes.
  public enum Writes {
    /// A newline ends each message, and what gathers during one write goes with the next one.
    LINES,
    /// Each message is a write of its own: the carrier keeps them apart.
    SINGLE
  }

  private record Entry(String message, Runnable written) {}

  /// What the owner is told.
  public interface Owner {
    /// More waits than may: the client does not read.
    void overflowed();

    /// Writing is no longer possible.
    void broken();

    /// Nothing waits any more.
    void drained();
  }

  private final Outbound outbound;
  private final Executor context;
  private final Writes writes;
  private final int charsMax;
  private final Owner owner;
  private final Queue<Entry> waiting = new ArrayDeque<>();
  private long waitingChars;
  private final Queue<String> urgent = new ArrayDeque<>();
  private boolean writing;
  private boolean closed;

  /// @param charsMax characters that may wait behind a write
  public Outbox(Outbound outbound, Executor context, Writes writes, int charsMax, Owner owner) {
    this.outbound = outbound;
    this.context = context;
    this.writes = writes;
    this.charsMax = charsMax;
    this.owner = owner;
  }

  public void add(String message) {
    add(message, Outbox::nothing);
  }

  /// @param written called on the context when the message is with the operating system
  public void add(String message, Runnable written) {
    waiting.add(new Entry(message, written));
    waitingChars += message.length();
    advance();
  }

  /// Goes ahead of everything that waits.
  public void addUrgent(String message) {
    if (urgent.size() < URGENT_MAX) {
      urgent.add(message);
    }
    advance();
  }

  public boolean isEmpty() {
    return isNothingWaiting() && !writing;
  }

  /// Forgets what waits and takes no more.
  public void close() {
    closed = true;
    waiting.clear();
    waitingChars = 0;
    urgent.clear();
  }

  private void advance() {
    if (closed) {
      close();
    } else if (!writing && !isNothingWaiting()) {
      write();
    } else if (waitingChars > charsMax) {
      owner.overflowed();
    }
  }

  private void write() {
    List<Runnable> written = new ArrayList<>(1);
    String messages = next(written);
    writing = true;
    // always by way of the context: a write that completes at once must not recurse
    outbound
        .send(messages)
        .subscribe()
        .with(
            _ -> context.execute(() -> written(written)),
            failure -> context.execute(owner::broken));
  }

  /// The next write.
  ///
  /// @param written what is to be told of it is added to these
  private String next(List<Runnable> written) {
    String first = take(written);
    if (writes == Writes.SINGLE) {
      return first;
    }
    if (isNothingWaiting() || !fits(first.length())) {
      return first.concat("\n");
    }
    StringBuilder messages = new StringBuilder(first).append('\n');
    while (!isNothingWaiting() && fits(messages.length())) {
      messages.append(take(written)).append('\n');
    }
    return messages.toString();
  }

  private boolean isNothingWaiting() {
    return urgent.isEmpty() && waiting.isEmpty();
  }

  /// Whether the next message may go with so many characters before it.
  private boolean fits(int chars) {
    String next = urgent.isEmpty() ? waiting.element().message() : urgent.element();
    return chars + next.length() <= WRITE_CHARS_MAX;
  }

  private String take(List<Runnable> written) {
    if (!urgent.isEmpty()) {
      return urgent.remove();
    }
    Entry entry = waiting.remove();
    waitingChars -= entry.message().length();
    written.add(entry.written());
    return entry.message();
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
