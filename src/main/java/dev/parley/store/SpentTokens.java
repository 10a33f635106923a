package dev.parley.store;

import dev.parley.content.Usage;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Event;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// What the events of a session add to its user's day.
///
/// @param day in UTC
/// @param tokens of all kinds; less than none takes back what a turn was told to have cost and has
///   not
record SpentTokens(String userId, LocalDate day, long tokens) {
  /// What one turn adds at most: far more than any costs, and so little that no day of such turns
  /// is more than its row can hold. A model that tells nonsense must not make the user's commits
  /// fail for the rest of the day.
  static final long TURN_TOKENS_MAX = 1_000_000_000_000L;

  static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZoneOffset.UTC);
  }

  /// What these events add; most add nothing.
  static List<SpentTokens> of(SessionState before, List<NumberedEvent> events) {
    List<SpentTokens> spent = new ArrayList<>();
    SessionKey key = before instanceof Present present ? present.core().key() : null;
    long ofTurn = before instanceof Streaming streaming ? counted(streaming.turn().spent()) : 0;
    for (NumberedEvent numbered : events) {
      switch (numbered.event()) {
        case Event.SessionCreated created -> key = created.key();
        case Event.TurnSpent told -> {
          long now = counted(told.usage());
          add(spent, key, told.at(), now - ofTurn);
          ofTurn = now;
        }
        case Event.TurnEnded ended -> {
          add(spent, key, ended.at(), counted(ended.usage()) - ofTurn);
          ofTurn = 0;
        }
        default -> {}
      }
    }
    return spent;
  }

  private static void add(
      List<SpentTokens> spent, @Nullable SessionKey key, Instant at, long tokens) {
    if (tokens != 0) {
      String userId = Objects.requireNonNull(key, "the session of a turn").userId();
      spent.add(new SpentTokens(userId, day(at), tokens));
    }
  }

  private static long counted(Usage usage) {
    long tokens =
        LongStream.of(
                usage.inputTokens(),
                usage.outputTokens(),
                usage.cacheReadTokens(),
                usage.cacheCreationTokens())
            .map(kind -> Math.min(kind, TURN_TOKENS_MAX))
            .sum();
    return Math.min(tokens, TURN_TOKENS_MAX);
  }
}
