package dev.parley.wire.rpc;

import java.util.Arrays;

/// Cuts a stream of bytes into lines, however they are spread over messages. Keeps an unfinished
/// line up to a bound; what is longer is dropped as it arrives.
final class LineSplitter {
  /// Takes what was found, in order.
  interface Sink {
    /// A line without its end; never blank.
    void line(byte[] utf8);

    /// A line has become longer than the bound; the rest of it will be dropped.
    void tooLong(byte[] beginning);

    /// The same line goes on beyond all measure.
    void endless();
  }

  private static final byte[] NOTHING = {};

  private final int keptBytesMax;
  private final int droppedBytesMax;
  private final Sink sink;
  private byte[] kept = NOTHING;
  private int length;
  private long dropped;

  /// @param keptBytesMax of a line that is handed on
  /// @param droppedBytesMax of a line that is dropped, before it is endless
  LineSplitter(int keptBytesMax, int droppedBytesMax, Sink sink) {
    this.keptBytesMax = keptBytesMax;
    this.droppedBytesMax = droppedBytesMax;
    this.sink = sink;
  }

  void feed(byte[] bytes) {
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        take(bytes, from, i);
        endLine();
        from = i + 1;
      }
    }
    take(bytes, from, bytes.length);
  }

  /// The stream ends; what is there is the last line.
  void finish() {
    endLine();
  }

  private void take(byte[] bytes, int from, int to) {
    int count = to - from;
    if (dropped > 0) {
      drop(count);
    } else if (count > keptBytesMax - length) {
      int lineBytes = length + count;
      keep(bytes, from, keptBytesMax - length);
      byte[] beginning = kept;
      kept = NOTHING;
      sink.tooLong(beginning);
      drop(lineBytes);
    } else {
      keep(bytes, from, count);
    }
  }

  private void drop(int count) {
    boolean before = dropped > droppedBytesMax;
    dropped += count;
    if (!before && dropped > droppedBytesMax) {
      sink.endless();
    }
  }

  private void keep(byte[] bytes, int from, int count) {
    if (kept.length - length < count) {
      long doubled = Math.min(keptBytesMax, 2L * kept.length);
      kept = Arrays.copyOf(kept, (int) Math.max(length + count, doubled));
    }
    System.arraycopy(bytes, from, kept, length, count);
    length += count;
  }

  private void endLine() {
    byte[] line = Arrays.copyOf(kept, length);
    boolean whole = dropped == 0;
    kept = NOTHING;
    length = 0;
    dropped = 0;
    if (whole && !isBlank(line)) {
      sink.line(line);
    }
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
