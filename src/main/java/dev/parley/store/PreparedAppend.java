package dev.parley.store;

import dev.parley.content.Utf8;
import dev.parley.session.SessionState.Present;
import dev.parley.store.json.FrameJson;
import dev.parley.store.json.SnapshotJson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An append with everything encoded: once, however often its batch is tried or halved, on the loop
/// of its session and not on the one that all share.
public final class PreparedAppend {
  private final Append append;
  private final List<EncodedFrame> frames;
  private final List<StoredEvent> events;
  private final Projection projection;
  private final @Nullable String snapshot;
  private final long bytes;

  private PreparedAppend(Append append) {
    this.append = append;
    this.frames =
        append.frames().stream()
            .map(f ->
                new EncodedFrame(f.seq(), f.seq(), f.frame(), FrameJson.encode(f.seq(), f.frame())))
            .toList();
    this.events = append.events().stream().map(StoredEvent::of).toList();
    this.projection = Projection.of(append.before(), append.events());
    this.snapshot =
        append.snapshot() && append.after() instanceof Present state
            ? SnapshotJson.encode(state)
            : null;
    this.bytes =
        frames.stream().mapToLong(f -> Utf8.length(f.json())).sum()
            + events.stream().mapToLong(e -> Utf8.length(e.payload())).sum()
            + (snapshot == null ? 0 : Utf8.length(snapshot))
            + (append.checkpoint() == null ? 0 : Utf8.length(append.checkpoint().text()));
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
    return projection;
  }

  /// The session's snapshot, when one is to be written.
  @Nullable String snapshot() {
    return snapshot;
  }

  /// The agent's own state that is written with the snapshot.
  @Nullable String checkpoint() {
    return append.checkpoint() == null ? null : append.checkpoint().text();
  }

  /// What the statement carries for it: frames, events and snapshot in UTF-8.
  public long bytes() {
    return bytes;
  }

  /// Whether there is nothing but frames to write, as with most appends.
  boolean isFramesOnly() {
    return events.isEmpty() && append.effects().isEmpty() && snapshot == null;
  }
}
