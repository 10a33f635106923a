package dev.parley.wire.rpc.codec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Cuts a stream of bytes into messages, however they are spread over what arrives. Keeps an
/// unfinished one up to a bound; what is longer is dropped as it arrives, but for its name.
public final class LineSplitter {
  /// Takes what was found, in order.
  public interface Sink {
    /// A message without its end; never blank.
    void line(byte[] utf8);

    /// The end of a message that was longer than the bound.
    ///
    /// @param abridged an object of its small fields
    void tooLong(byte[] abridged);

    /// The same message goes on beyond all measure. Told once.
    void endless();
  }

  private static final byte[] NOTHING = {};

  private final Serialization serialization;
  private final int keptBytesMax;
  private final int droppedBytesMax;
  private final Sink sink;
  private byte[] kept = NOTHING;
  private int length;
  private long dropped;
  private @Nullable Abridgement abridgement;

  /// @param serialization says what ends a message: a newline, or [#finish] alone
  /// @param keptBytesMax of a message that is handed on
  /// @param droppedBytesMax of a message that is dropped, before it is endless
  public LineSplitter(
      Serialization serialization, int keptBytesMax, int droppedBytesMax, Sink sink) {
    this.serialization = serialization;
    this.keptBytesMax = keptBytesMax;
    this.droppedBytesMax = droppedBytesMax;
    this.sink = sink;
  }

  public void feed(byte[] bytes) {
    switch (serialization) {
      case NDJSON -> feedLines(bytes);
      case JSON -> take(bytes, 0, bytes.length);
    }
  }

  private void feedLines(byte[] bytes) {
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        take(bytes, from, i);
        finish();
        from = i + 1;
      }
    }
    take(bytes, from, bytes.length);
  }

  /// Here ends what was fed last: what is there is a message.
  public void finish() {
    byte[] line = Arrays.copyOf(kept, length);
    Abridgement tooLong = abridgement;
    kept = NOTHING;
    length = 0;
    dropped = 0;
    abridgement = null;
    if (tooLong != null) {
      sink.tooLong(tooLong.json());
    } else if (!isBlank(line)) {
      sink.line(line);
    }
  }

  private void take(byte[] bytes, int from, int to) {
    int count = to - from;
    if (abridgement == null && count <= keptBytesMax - length) {
      keep(bytes, from, count);
      return;
    }
    if (abridgement == null) {
      abridgement = new Abridgement();
      abridgement.feed(kept, 0, length);
      dropped = length;
      kept = NOTHING;
      length = 0;
    }
    abridgement.feed(bytes, from, to);
    drop(count);
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

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        return false;
      }
    }
    return true;
  }
}
