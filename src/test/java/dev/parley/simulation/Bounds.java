package dev.parley.simulation;

import dev.parley.session.SessionKey;
import dev.parley.store.EncodedFrame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Watches from outside that what one node holds in memory stays within its bounds: what an agent
/// says while its session waits for a commit, what a session has let in and not answered, and how
/// far back a client is served without the store.
final class Bounds {
  private final Limits limits;
  private final Consumer<String> violation;
  private final Map<SessionKey, Integer> saidInFlight = new HashMap<>();
  private final Map<SessionKey, Integer> letIn = new HashMap<>();
  private final Map<Long, List<Wake>> wakes = new HashMap<>();
  private final Map<Long, Set<Long>> pages = new HashMap<>();

  /// Frames that the runner was told of together.
  private record Wake(long firstSeq, long lastSeq) {}

  /// @param buffer events between an agent and its session
  /// @param letters commands that may wait at a session
  /// @param ring frames of a session kept at hand
  /// @param batch values that a client is sent together
  record Limits(int buffer, int letters, int ring, int batch) {}

  Bounds(Limits limits, Consumer<String> violation) {
    this.limits = limits;
    this.violation = violation;
  }

  /// A commit of the session is on its way: until its end nothing is taken from the agent.
  void committing(SessionKey key) {
    saidInFlight.put(key, 0);
  }

  void committed(SessionKey key) {
    saidInFlight.remove(key);
  }

  /// An agent said something that takes a place.
  void said(SessionKey key) {
    Integer said = saidInFlight.computeIfPresent(key, (_, count) -> count + 1);
    if (said != null && said > limits.buffer()) {
      violation.accept("the agent of " + key + " could say " + said + " things during a commit");
    }
  }

  /// A call has come in at the session, and is neither answered nor refused.
  void letIn(SessionKey key) {
    int inside = letIn.merge(key, 1, Integer::sum);
    // What one commit answers may be as much again as what waits.
    if (inside > 2 * limits.letters()) {
      violation.accept("session " + key + " has let in " + inside + " calls at once");
    }
  }

  void answered(SessionKey key) {
    letIn.merge(key, -1, Integer::sum);
  }

  /// A client is sent so many values together.
  void batch(int values) {
    if (values > limits.batch()) {
      violation.accept("a client is sent " + values + " values together");
    }
  }

  /// These frames of the session were read: a client that is given some of them may be given the
  /// others later.
  void read(long sid, List<EncodedFrame> page) {
    Set<Long> cursors = pages.computeIfAbsent(sid, _ -> new HashSet<>());
    page.forEach(frame -> cursors.add(frame.seq() - 1));
  }

  /// The runner is told of these frames: they are in the session's ring, if it has one.
  void told(long sid, long firstSeq, long lastSeq) {
    wakes.computeIfAbsent(sid, _ -> new ArrayList<>()).add(new Wake(firstSeq, lastSeq));
  }

  /// A client whose cursor was this one is given what follows it: read from the store, or out of
  /// the ring, where it is only as long as few enough newer frames have come behind it.
  void delivered(long sid, long cursor) {
    if (pages.getOrDefault(sid, Set.of()).contains(cursor)) {
      return;
    }
    long seq = cursor + 1;
    long newest = 0;
    for (Wake wake : wakes.getOrDefault(sid, List.of()).reversed()) {
      newest = Math.max(newest, wake.lastSeq());
      if (wake.firstSeq() <= seq && seq <= wake.lastSeq()) {
        if (newest - seq >= limits.ring()) {
          violation.accept(
              "frame %d of session %d came out of a ring that has taken in %d since"
                  .formatted(seq, sid, newest - seq));
        }
        return;
      }
    }
    violation.accept("frame " + seq + " of session " + sid + " came from nowhere");
  }
}
