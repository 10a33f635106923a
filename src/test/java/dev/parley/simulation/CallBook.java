package dev.parley.simulation;

import dev.parley.session.ClientMessageId;
import dev.parley.session.SessionKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// What was sent under a name, for clients to send again; and what may be answered once only.
final class CallBook {
  private final Consumer<String> violation;
  private final Map<SessionKey, List<Named>> named = new HashMap<>();
  private final Set<String> once = new HashSet<>();
  private int names;

  /// A call that has a name, so that it is carried out once however often it is made and by whom.
  static final class Named {
    private final ClientMessageId id;
    private final Caller.Attempt attempt;
    private boolean doubtful;

    Named(ClientMessageId id, Caller.Attempt attempt) {
      this.id = id;
      this.attempt = attempt;
    }

    ClientMessageId id() {
      return id;
    }

    Caller.Attempt attempt() {
      return attempt;
    }

    /// An attempt was answered by nobody, or with what says neither yes nor no.
    void doubted() {
      doubtful = true;
    }

    boolean isDoubtful() {
      return doubtful;
    }
  }

  CallBook(Consumer<String> violation) {
    this.violation = violation;
  }

  /// A new call of a name that no other has.
  Named name(SessionKey key, Caller.Attempt attempt) {
    Named call = new Named(new ClientMessageId("c" + ++names), attempt);
    named(key).add(call);
    return call;
  }

  /// What was ever sent to this key, oldest first.
  List<Named> named(SessionKey key) {
    return named.computeIfAbsent(key, _ -> new ArrayList<>());
  }

  /// Something was answered that is true of one call at most.
  void once(String what) {
    if (!once.add(what)) {
      violation.accept("two calls were answered: " + what);
    }
  }
}
