package dev.parley.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Rows as a statement takes them: an array for each column.
final class Columns {
  private static final Pattern PARAMETER = Pattern.compile("\\?");

  private Columns() {}

  /// A row and the session it belongs to.
  record Of<T>(long sid, T row) {}

  /// The rows of many, in their order.
  static <S, T> List<Of<T>> rows(
      List<S> sources, ToLongFunction<S> sid, Function<S, ? extends Collection<T>> rows) {
    return sources.stream()
        .flatMap(s -> rows.apply(s).stream().map(row -> new Of<>(sid.applyAsLong(s), row)))
        .toList();
  }

  static <T> Long[] longs(List<T> rows, Function<T, @Nullable Long> column) {
    return rows.stream().map(column).toArray(Long[]::new);
  }

  static <T> String[] strings(List<T> rows, Function<T, @Nullable String> column) {
    return rows.stream().map(column).toArray(String[]::new);
  }

  static <T> OffsetDateTime[] times(List<T> rows, Function<T, @Nullable Instant> column) {
    return rows.stream()
        .map(column)
        .map(at -> at == null ? null : at.atOffset(ZoneOffset.UTC))
        .toArray(OffsetDateTime[]::new);
  }

  /// The statement with its parameters numbered in the order in which they stand there.
  static String numbered(String sql) {
    AtomicInteger number = new AtomicInteger();
    return PARAMETER.matcher(sql).replaceAll(_ -> "\\$" + number.incrementAndGet());
  }
}
