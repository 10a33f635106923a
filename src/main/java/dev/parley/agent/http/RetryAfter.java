package dev.parley.agent.http;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/// When a provider wants to be asked again: `retry-after-ms`, as OpenAI says it, or `Retry-After`
/// of RFC 9110 (section 10.2.3), in seconds or as a date.
final class RetryAfter {
  private RetryAfter() {}

  /// @param now for a date whose provider does not tell its own
  /// @return absent: it does not say, or not in a way that can be read. Never negative
  static @Nullable Duration of(MultiMap headers, Instant now) {
    Duration exact = number(headers.get("retry-after-ms"), 1);
    if (exact != null) {
      return exact;
    }
    String header = headers.get("retry-after");
    Duration seconds = number(header, 1000);
    return seconds == null ? date(header, headers.get("date"), now) : seconds;
  }

  private static @Nullable Duration number(@Nullable String text, int millis) {
    if (text == null) {
      return null;
    }
    try {
      double given = Double.parseDouble(text.strip());
      // as far as a long goes: later than anybody waits
      return given >= 0 ? Duration.ofMillis((long) (given * millis)) : null;
    } catch (NumberFormatException noNumber) {
      return null;
    }
  }

  /// By the provider's own clock, where it tells that too.
  private static @Nullable Duration date(
      @Nullable String text, @Nullable String today, Instant now) {
    if (text == null) {
      return null;
    }
    try {
      Instant since = today == null ? now : instant(today);
      Duration until = Duration.between(since, instant(text));
      return until.isNegative() ? Duration.ZERO : until;
    } catch (DateTimeParseException noDate) {
      return null;
    }
  }

  private static Instant instant(String date) {
    return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
  }
}
