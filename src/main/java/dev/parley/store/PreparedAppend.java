package dev.parley.store;

import dev.parley.content.Utf8;
import dev.parley.session.SessionState.Present;
import dev.parley.store.json.SnapshotJson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An append with everything encoded: once, however often its batch is tried or halved, on the loop
/// of its session and not on the one that all share.
public final class PreparedAppend {
  private final Append append;
  private final List<EncodedFrame> frames;
  private final List<StoredEvent> events;
  private final DerivedRows derived;
  private final List<SpentTokens> spent;
  private final long bytes;

  private PreparedAppend(Append append) {
    this.append = append;
    this.frames = append.frames().stream().map(f -> EncodedFrame.of(f.seq(), f.frame())).toList();
    this.events = append.events().stream().map(StoredEvent::of).toList();
    String snapshot =
        append.snapshot() && append.after() instanceof Present state
            ? SnapshotJson.encode(state)
            : null;
    String checkpoint = append.checkpoint() == null ? null : append.checkpoint().text();
    this.derived =
        new DerivedRows(
            append.sid(),
            Projection.of(append.before(), append.events()),
            append.after(),
            !append.events().isEmpty(),
            snapshot,
            checkpoint);
    this.spent = SpentTokens.of(append.before(), append.events());
    this.bytes =
        frames.stream().mapToLong(f -> Utf8.length(f.json())).sum()
            + events.stream().mapToLong(e -> Utf8.length(e.payload())).sum()
            + (snapshot == null ? 0 : Utf8.length(snapshot))
            + (checkpoint == null ? 0 : Utf8.length(checkpoint));
  }

  static PreparedAppend of(Append append) {
    return new PreparedAppend(append);
  }

  public Append append() {
    return append;
  }

  public List<EncodedFrame> frames() {
    return frames;
  }

  List<StoredEvent> events() {
    return events;
  }

  Projection projection() {
    return derived.projection();
  }

  /// What follows from its events.
  DerivedRows derived() {
    return derived;
  }

  /// What its turns that ended have cost.
  List<SpentTokens> spent() {
    return spent;
  }

  /// The session's snapshot, when one is to be written.
  @Nullable String snapshot() {
    return derived.snapshot();
  }

  /// The agent's own state that is written with the snapshot.
  @Nullable String checkpoint() {
    return derived.checkpoint();
  }

  /// What the statement carries for it: frames, events and snapshot in UTF-8.
  public long bytes() {
    return bytes;
  }

  /// Whether there is nothing but frames to write, as with most appends.
  boolean isFramesOnly() {
    return events.isEmpty() && append.effects().isEmpty() && snapshot() == null;
  }
}
