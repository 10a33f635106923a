package dev.parley.effect.watch;

import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One user as long as somebody on this node watches the list of its sessions. On the user's loop.
final class UserFeed {
  private final String userId;
  private final Set<Watch> watches = new LinkedHashSet<>();

  /// The newest activity that a wake told of, or that the first list held. Later reads do not
  /// count: what one of them has seen, another watch may not know.
  private Instant known = Instant.MIN;

  /// Whether the first list was read. Before it, nothing can be lost.
  private boolean begun;

  /// An activity that the last sweep saw and no wake had told of.
  private @Nullable Instant suspected;

  UserFeed(String userId) {
    this.userId = userId;
  }

  String userId() {
    return userId;
  }

  void add(Watch watch) {
    watches.add(watch);
  }

  void remove(Watch watch) {
    watches.remove(watch);
  }

  boolean isEmpty() {
    return watches.isEmpty();
  }

  /// A first list was read, whose newest activity is this.
  void begun(Instant newest) {
    if (!begun) {
      begun = true;
      know(newest);
    }
  }

  /// A session changed.
  void changed(SessionKey key, Instant at) {
    know(at);
    List.copyOf(watches).forEach(watch -> watch.changed(key));
  }

  /// The sweep read the newest activity in the store. One that no wake has told of by the next
  /// sweep is a lost wake: the wake of a commit that the store already shows may still be on its
  /// way.
  ///
  /// @return whether a wake was lost
  boolean swept(Instant newest) {
    if (!begun) {
      return false;
    }
    boolean lost = false;
    if (suspected != null && suspected.isAfter(known)) {
      lost = true;
      know(suspected);
      List.copyOf(watches).forEach(Watch::tellAll);
    }
    suspected = newest.isAfter(known) ? newest : null;
    return lost;
  }

  private void know(Instant at) {
    known = at.isAfter(known) ? at : known;
  }

  /// Ends every watch.
  void end(Refusal refusal) {
    List.copyOf(watches).forEach(watch -> watch.fail(refusal));
  }
}
