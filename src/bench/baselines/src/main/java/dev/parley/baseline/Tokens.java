package dev.parley.baseline;

import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.stream.IntStream;

/// The demo agent's tokens: `/count` at full speed, `/stamp` at a rate. On a schedule that does not
/// wait for late ones.
final class Tokens {
  private Tokens() {}

  /// @param request `N RATE`
  static Multi<String> of(String request) {
    String[] numbers = request.split(" ");
    int count = Integer.parseInt(numbers[0]);
    int rate = Integer.parseInt(numbers[1]);
    return rate == 0
        ? Multi.createFrom().items(IntStream.rangeClosed(1, count).mapToObj(n -> n + " "))
        : Multi.createFrom()
            .ticks()
            .every(Duration.ofNanos(1_000_000_000L / rate))
            .onOverflow()
            .buffer(count)
            .select()
            .first(count)
            .map(_ -> "n" + System.nanoTime() + " ");
  }

  /// A token as Parley tells it.
  static String chunk(long seq, String token) {
    return "{\"_tag\":\"Chunk\",\"requestId\":1,\"values\":[{\"_tag\":\"StreamEvent\",\"seq\":"
        + seq
        + ",\"turnId\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"event\":{\"type\":\"text-delta\",\"id\":\"t1\",\"delta\":\""
        + token
        + "\"}}]}\n";
  }

  static final String END = "{\"_tag\":\"Exit\",\"requestId\":1}\n";
}
