package dev.parley.store;

import dev.parley.session.Frame;
import dev.parley.store.json.DeltaText;
import dev.parley.store.json.FrameJson;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A frame with the text that is stored and sent for it. What the text says is read when somebody
/// asks: most frames are passed on as they are.
public final class EncodedFrame {
  private final long firstSeq;
  private final long seq;
  private final String json;
  private final @Nullable DeltaText delta;

  /// Two threads may read it at once, and find the same.
  private @Nullable Frame frame;

  private EncodedFrame(
      long firstSeq, long seq, String json, @Nullable DeltaText delta, @Nullable Frame frame) {
    this.firstSeq = firstSeq;
    this.seq = seq;
    this.json = json;
    this.delta = delta;
    this.frame = frame;
  }

  /// One that is new.
  public static EncodedFrame of(long seq, Frame frame) {
    String json = FrameJson.encode(seq, frame);
    return new EncodedFrame(seq, seq, json, DeltaText.of(json), frame);
  }

  /// One that is stored.
  ///
  /// @throws dev.parley.store.json.UnreadableException for what this version does not know
  public static EncodedFrame stored(long seq, String json) {
    DeltaText delta = DeltaText.of(json);
    return new EncodedFrame(seq, seq, json, delta, delta == null ? FrameJson.decode(json) : null);
  }

  /// This delta and those that follow it, as one frame.
  ///
  /// @param lastSeq the number of the last of them
  /// @param texts what all of them say, as it stands in their JSON
  public EncodedFrame joined(long lastSeq, CharSequence texts) {
    String whole = Objects.requireNonNull(delta).joined(json, firstSeq, lastSeq, texts);
    return new EncodedFrame(firstSeq, lastSeq, whole, null, null);
  }

  /// Lower than [#seq] when the frames between were joined to this one.
  public long firstSeq() {
    return firstSeq;
  }

  public long seq() {
    return seq;
  }

  public String json() {
    return json;
  }

  /// Where its text stands; absent when it is no single delta.
  public @Nullable DeltaText delta() {
    return delta;
  }

  /// Whether nothing comes after it: the session is deleted.
  public boolean isEnd() {
    return firstSeq == seq && delta == null && frame() instanceof Frame.SessionDeleted;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EncodedFrame that
        && firstSeq == that.firstSeq
        && seq == that.seq
        && json.equals(that.json);
  }

  @Override
  public int hashCode() {
    return Objects.hash(firstSeq, seq, json);
  }

  @Override
  public String toString() {
    return "frame " + seq;
  }

  public Frame frame() {
    Frame read = frame;
    if (read == null) {
      read = FrameJson.decode(json);
      frame = read;
    }
    return read;
  }
}
