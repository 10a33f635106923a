package dev.parley.wire.connection;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Who has how many sockets open, whatever is spoken on them: one address cannot take them all.
/// Counts sockets from their opening to their end, so that no upgrade that fails on its way leaves
/// a count behind. Used from any thread.
public final class Addresses {
  /// The limit's name in refusals.
  public static final String LIMIT = "connections";

  private final int socketsMax;
  private final ConcurrentMap<String, Integer> sockets = new ConcurrentHashMap<>();

  /// @param socketsMax of one address
  /// @throws IllegalArgumentException when nobody could connect
  public Addresses(int socketsMax) {
    if (socketsMax < 1) {
      throw new IllegalArgumentException("an address needs room for a connection");
    }
    this.socketsMax = socketsMax;
  }

  /// Whether one more would be too many. What happens next may change it.
  public boolean isFull(String address) {
    return sockets.getOrDefault(address, 0) >= socketsMax;
  }

  /// What a client is told whom there is no room for.
  public String refusal() {
    return "An address has at most " + socketsMax + " open connections.";
  }

  /// Counts a socket, if there is room for it: several may have asked at once.
  boolean enter(String address) {
    int[] before = {0};
    sockets.merge(
        address,
        1,
        (open, _) -> {
          before[0] = open;
          return open < socketsMax ? open + 1 : open;
        });
    return before[0] < socketsMax;
  }

  /// Takes back one [#enter] that said yes.
  void leave(String address) {
    sockets.computeIfPresent(address, (_, open) -> open > 1 ? open - 1 : null);
  }
}
