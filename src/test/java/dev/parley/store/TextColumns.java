package dev.parley.store;

import dev.parley.session.Effect;
import dev.parley.session.SessionState.Present;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What PostgreSQL refuses to store, by the codes it refuses it with.
final class TextColumns {
  private static final String NUL = "22021";
  private static final String CHECK = "23514";
  private static final String UNIQUE = "23505";

  private TextColumns() {}

  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /// The code for a text with a NUL: found when the statement's parameters are read, whether the
  /// row would be written or not.
  static @Nullable String poison(List<PreparedAppend> batch) {
    boolean poisoned =
        batch.stream()
            .flatMap(a -> Stream.concat(names(a), texts(a)))
            .anyMatch(text -> text.indexOf('\0') >= 0);
    return poisoned ? NUL : null;
  }

  /// The code of the constraint that one of the rows to be written violates.
  ///
  /// @param messages the ids of a session's messages
  /// @param refusesEffect whether an effect cannot be stored beside those that are
  static @Nullable String violation(
      List<PreparedAppend> batch,
      LongFunction<Set<String>> messages,
      BiPredicate<Long, Effect> refusesEffect) {
    if (batch.stream().flatMap(TextColumns::names).anyMatch(name -> !isAsciiId(name))) {
      return CHECK;
    }
    for (PreparedAppend append : batch) {
      long sid = append.append().sid();
      if (append.append().effects().stream().anyMatch(e -> refusesEffect.test(sid, e))) {
        return UNIQUE;
      }
      Set<String> ids = new HashSet<>(messages.apply(sid));
      for (Projection.MessageRow message : append.projection().messages()) {
        if (!ids.add(message.id().value())) {
          return UNIQUE;
        }
      }
    }
    return null;
  }

  private static boolean isAsciiId(String name) {
    return !name.isEmpty()
        && name.length() <= 128
        && name.chars().allMatch(c -> c >= 0x21 && c <= 0x7e);
  }

  /// The columns of the domain `ascii_id`.
  private static Stream<String> names(PreparedAppend append) {
    Projection projection = append.projection();
    return Stream.of(
            append.append().effects().stream().flatMap(e -> Stream.of(e.id(), e.dedupeKey())),
            projection.turns().stream()
                .flatMap(t ->
                    Stream.of(t.turnId().value(), t.messageId().value(), t.answerId().value())),
            projection.messages().stream().map(m -> m.id().value()),
            projection.sends().stream().map(s -> s.id().value()))
        .flatMap(stream -> stream);
  }

  /// The other text columns that hold what they are given. JSON has no NUL: it is escaped.
  private static Stream<String> texts(PreparedAppend append) {
    Stream<@Nullable String> listed =
        !append.events().isEmpty() && append.append().after() instanceof Present state
            ? Stream.of(state.core().title(), state.core().model())
            : Stream.of();
    return Stream.concat(
            listed, append.projection().turns().stream().map(Projection.TurnRow::reason))
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull);
  }
}
