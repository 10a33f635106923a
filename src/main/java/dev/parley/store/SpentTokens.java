package dev.parley.store;

import dev.parley.content.Usage;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Event;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.SessionState.Present;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/// What the end of a turn adds to its user's day.
///
/// @param day in UTC
/// @param tokens of all kinds, more than none
record SpentTokens(String userId, LocalDate day, long tokens) {
  /// What one turn counts at most: far more than any costs, and so little that no day of such turns
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
    for (NumberedEvent numbered : events) {
      if (numbered.event() instanceof Event.SessionCreated created) {
        key = created.key();
      } else if (numbered.event() instanceof Event.TurnEnded ended
          && !ended.usage().equals(Usage.NONE)) {
        String userId = Objects.requireNonNull(key, "the session of a turn").userId();
        spent.add(new SpentTokens(userId, day(ended.at()), counted(ended.usage())));
      }
    }
    return spent;
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
