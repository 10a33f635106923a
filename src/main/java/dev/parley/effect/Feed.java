package dev.parley.effect;

import dev.parley.log.Fields;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.store.EncodedFrame;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One session as long as somebody on this node watches it: its newest frames and its
/// subscriptions. On the session's loop.
final class Feed {
  private static final long UNKNOWN = -1;

  private final SessionKey key;
  private final long sid;
  private final Ring ring;
  private final FrameJoiner joiner;
  private final Set<Subscription> subscriptions = new LinkedHashSet<>();
  private long head = UNKNOWN;
  private @Nullable EncodedFrame last;

  /// What follows [#sharedAfter], for all who are there: most subscribers are at the same frame.
  private @Nullable Delivery shared;

  private long sharedAfter;

  /// When the newest frame of the ring was committed.
  private long committedNanos;

  /// The highest frame that a subscriber has acknowledged.
  private long delivered;

  private boolean gone;

  /// What subscriptions end with once they have nothing more to tell; absent: they go on.
  private @Nullable Refusal finishing;

  /// A head that the last sweep saw and no wake had told of; [#UNKNOWN] when there is none.
  private long suspected = UNKNOWN;

  Feed(SessionKey key, long sid, Ring ring, FrameJoiner joiner) {
    this.key = key;
    this.sid = sid;
    this.ring = ring;
    this.joiner = joiner;
  }

  /// What a line of the log about it carries.
  Fields fields() {
    return Fields.ofSession(key.toString());
  }

  long sid() {
    return sid;
  }

  /// The highest frame known to be committed; less than every cursor until one is.
  long head() {
    return head;
  }

  void add(Subscription subscription) {
    subscriptions.add(subscription);
  }

  void remove(Subscription subscription) {
    subscriptions.remove(subscription);
  }

  boolean isEmpty() {
    return subscriptions.isEmpty();
  }

  /// Frames that were just committed.
  ///
  /// @param nanos when, by the loop's clock
  void committed(List<EncodedFrame> frames, long nanos) {
    ring.add(frames);
    committedNanos = nanos;
    shared = null;
    if (frames.getLast().isEnd()) {
      last = frames.getLast();
    }
    rise(frames.getLast().seq());
  }

  /// The session is gone, and no commit told so here.
  void gone() {
    gone = true;
    pump();
  }

  boolean isGone() {
    return gone;
  }

  /// The frame that tells of the session's end: whoever is behind reads nothing else any more. None
  /// when nobody knows of an end.
  ///
  /// When only its absence told of it, the frame is made for whoever has had everything up to the
  /// cursor. The true one has at least that number: it comes after whatever a client has had of the
  /// session, and no frame is behind it.
  @Nullable EncodedFrame end(long cursor) {
    if (last != null || !gone) {
      return last;
    }
    long seq = Math.max(head, cursor + 1);
    return EncodedFrame.of(seq, new Frame.SessionDeleted(key));
  }

  /// Somebody read the head in the store.
  void rise(long seq) {
    if (seq > head) {
      head = seq;
      pump();
    }
  }

  private void pump() {
    List.copyOf(subscriptions).forEach(Subscription::pump);
  }

  /// The sweep read the head in the store. One that no wake has told of by the next sweep is a lost
  /// wake: the wakes of commits that the store already shows may still be on their way. Nothing is
  /// lost as long as every subscription is still reading where it begins.
  ///
  /// @return frames that only the sweep found
  long swept(long seq) {
    long lost = 0;
    if (suspected > head) {
      lost = suspected - head;
      rise(suspected);
    }
    suspected = head != UNKNOWN && seq > head ? seq : UNKNOWN;
    return lost;
  }

  /// The batch that follows a cursor; absent when memory does not have it. Joined once for all who
  /// are at the same frame.
  @Nullable Delivery after(long seq) {
    if (shared == null || sharedAfter != seq) {
      List<EncodedFrame> frames = ring.after(seq);
      if (frames.isEmpty()) {
        return null;
      }
      List<EncodedFrame> batch = joiner.join(frames, 0);
      boolean newest = batch.getLast().seq() == head;
      shared = new Delivery(null, batch, newest ? committedNanos : null);
      sharedAfter = seq;
    }
    return shared;
  }

  /// A subscriber has acknowledged everything up to `seq`.
  ///
  /// @return whether it is the first to come so far
  boolean delivered(long seq) {
    boolean first = seq > delivered;
    if (first) {
      delivered = seq;
    }
    return first;
  }

  /// Ends every subscription, those to come too, once its client has acknowledged all there is.
  void finish(Refusal refusal) {
    finishing = refusal;
    pump();
  }

  @Nullable Refusal finishing() {
    return finishing;
  }

  /// Ends every subscription.
  void end(Refusal refusal) {
    List.copyOf(subscriptions).forEach(s -> s.fail(refusal));
  }
}
