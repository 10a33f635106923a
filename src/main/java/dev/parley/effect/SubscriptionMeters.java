package dev.parley.effect;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// How subscriptions begin, in numbers. Safe for use by any thread.
final class SubscriptionMeters {
  private final Map<Start, Counter> starts = new EnumMap<>(Start.class);

  /// From where a stream goes on.
  enum Start {
    /// Its client had no cursor.
    FRESH,
    /// From its client's cursor.
    RESUMED,
    /// Its client's cursor could not be honoured.
    RESET,
    /// In mid-stream: retention overtook a reader that was behind.
    OVERTAKEN
  }

  SubscriptionMeters(MeterRegistry registry) {
    for (Start start : Start.values()) {
      starts.put(
          start,
          Counter.builder("parley.subscriptions.begun")
              .description("Subscriptions by where they began; overtaken ones began again")
              .tag("start", start.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  void began(Start start) {
    Counter counter = starts.get(start);
    if (counter != null) {
      counter.increment();
    }
  }
}
