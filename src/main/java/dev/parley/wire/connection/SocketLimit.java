package dev.parley.wire.connection;

import dev.parley.session.Refusal;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Who has how many sockets open, whatever is spoken on them: one address, or one user, cannot take
/// them all. Counts sockets from their opening to their end, so that no upgrade that fails on its
/// way leaves a count behind. Used from any thread.
public final class SocketLimit {
  private final String limit;
  private final String whose;
  private final int socketsMax;
  private final ConcurrentMap<String, Integer> sockets = new ConcurrentHashMap<>();

  /// @param limit its name in refusals
  /// @param whose sockets it counts, as the beginning of a sentence
  /// @param socketsMax of one of them
  /// @throws IllegalArgumentException when nobody could connect
  public SocketLimit(String limit, String whose, int socketsMax) {
    if (socketsMax < 1) {
      throw new IllegalArgumentException(whose + " needs room for a connection");
    }
    this.limit = limit;
    this.whose = whose;
    this.socketsMax = socketsMax;
  }

  public String name() {
    return limit;
  }

  /// Whether one more would be too many. What happens next may change it.
  public boolean isFull(String holder) {
    return sockets.getOrDefault(holder, 0) >= socketsMax;
  }

  /// What a client is told for whom there is no room.
  public Refusal refusal() {
    return new Refusal.LimitExceeded(limit, message(), null);
  }

  String message() {
    return whose + " has at most " + socketsMax + " open connections.";
  }

  /// Counts a socket, if there is room for it: several may have asked at once.
  boolean enter(String holder) {
    int[] before = {0};
    sockets.merge(
        holder,
        1,
        (open, _) -> {
          before[0] = open;
          return open < socketsMax ? open + 1 : open;
        });
    return before[0] < socketsMax;
  }

  /// Takes back one [#enter] that said yes.
  void leave(String holder) {
    sockets.computeIfPresent(holder, (_, open) -> open > 1 ? open - 1 : null);
  }
}
