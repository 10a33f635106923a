package dev.parley.testing;

import dev.parley.testing.Tables.Stored;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Judges a run by what its clients saw and what the store holds afterwards. It knows the contract
/// and the tables and uses none of the code it judges.
///
/// - Every client's events are contiguous from its cursor on, or from its initial state's.
/// - Every event a client got is what the store holds under its numbers, so that all clients got
///   the same; an initial state is the state at its number.
/// - What was seen is stored, and so is what was answered to any call.
/// - A send that named itself is stored at most once, was answered the same every time, and is not
///   stored when it was only refused.
/// - Each turn ends once, in events and in frames, and nothing of it follows.
/// - The queue is taken from in the order in which it was filled.
/// - Heads are the highest numbers, numbers have no gaps, and turns and messages follow from
///   events.
///
/// Wants frames kept from the first one on, and a store at rest: no commit between the two reads.
public final class Checker {
  private Checker() {}

  /// As below, of all that the database has of the clients' sessions.
  public static List<String> check(Connection database, List<ClientLog> clients)
      throws SQLException {
    List<String> sessions = clients.stream().map(ClientLog::sessionId).distinct().toList();
    return check(Tables.read(database, sessions), clients);
  }

  /// The violations found, each with the ids it is about and never with content; empty when all is
  /// well.
  public static List<String> check(Tables tables, Collection<ClientLog> logs) {
    List<String> violations = new ArrayList<>();
    for (Stored stored : tables.sessions().values()) {
      new StoreCheck(stored, what -> violations.add("session " + stored.sessionId() + ": " + what))
          .run();
      new EventCheck(stored, what -> violations.add("session " + stored.sessionId() + ": " + what))
          .run();
      new AnswerCheck(
              stored,
              logs.stream().filter(log -> log.sessionId().equals(stored.sessionId())).toList(),
              what -> violations.add("session " + stored.sessionId() + ": " + what))
          .run();
    }
    for (ClientLog log : logs) {
      Stored stored = tables.sessions().get(log.sessionId());
      String who = "session " + log.sessionId() + ", client " + log.client() + ": ";
      if (stored == null) {
        violations.add(who + "the session is not stored");
      } else {
        new ClientCheck(stored, log, what -> violations.add(who + what)).run();
      }
    }
    return violations;
  }
}
