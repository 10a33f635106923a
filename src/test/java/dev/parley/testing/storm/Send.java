package dev.parley.testing.storm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.testing.RpcClient;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// A message that somebody sends, or wants answered again; the same however often.
///
/// @param tag `chat.send` or `chat.regenerate`
/// @param content empty: an old message as it was
/// @param whenBusy empty: the default
record Send(String clientMessageId, String tag, String content, String whenBusy) {
  private static final AtomicLong COUNT = new AtomicLong();

  /// Everything the demo agent can do, at paces that begin and end within a second or two.
  private static final List<Function<Random, String>> CONTENTS =
      List.of(
          random -> "/count " + random.nextInt(1, 120) + " " + random.nextInt(50, 400),
          random -> "/count " + random.nextInt(1, 120) + " " + random.nextInt(50, 400),
          random -> "/count " + random.nextInt(1, 120) + " " + random.nextInt(50, 400),
          random -> "/count " + random.nextInt(1, 600) + " 0",
          random -> "Grüße 👋 an alle, Nr. " + random.nextInt(1000),
          _ -> "one line\nand another",
          random -> "/think " + random.nextInt(1, 40),
          _ -> "/tool clock {\"zone\": \"UTC\", \"n\": 1.50}",
          random -> "/fail " + random.nextInt(20),
          random -> "/fail " + random.nextInt(20) + " retryable",
          random -> "/hang " + random.nextInt(10),
          random -> "/slowstart " + random.nextInt(500),
          random -> "/big " + random.nextInt(1, 200_000),
          _ -> "/usage 3 4");

  private static final List<String> WHEN_BUSY =
      List.of("", "", "queue", "queue", "queue", "interrupt", "rollback", "reject");

  static Send any(Random random) {
    return new Send(name(), "chat.send", content(random), any(WHEN_BUSY, random));
  }

  /// The newest message again, or an edited one in its place.
  static Send again(Random random) {
    return new Send(name(), "chat.regenerate", random.nextBoolean() ? "" : content(random), "");
  }

  ObjectNode payload(String sessionId) {
    ObjectNode payload =
        RpcClient.object().put("sessionId", sessionId).put("clientMessageId", clientMessageId);
    if (!content.isEmpty()) {
      payload.put("content", content);
    }
    return whenBusy.isEmpty() ? payload : payload.put("whenBusy", whenBusy);
  }

  private static String name() {
    return "c" + COUNT.incrementAndGet();
  }

  private static String content(Random random) {
    return any(CONTENTS, random).apply(random);
  }

  private static <T> T any(List<T> items, Random random) {
    return items.get(random.nextInt(items.size()));
  }
}
