package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// What came of calls that were made without waiting.
public final class Answers {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Answers() {}

  /// The answer.
  ///
  /// @throws CompletionException with the failure, or when there is none in time
  public static <T> T get(CompletableFuture<T> answer) {
    return answer.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  /// The turn of a message that was sent and is being answered.
  ///
  /// @throws AssertionError when it is not, but waits, say
  public static String started(CompletableFuture<JsonNode> sent) {
    JsonNode reply = get(sent);
    if (!reply.path("status").asText().equals("started")) {
      throw new AssertionError("not started: " + reply);
    }
    return reply.path("turnId").asText();
  }

  /// The typed error that a call fails with.
  ///
  /// @throws AssertionError when it does not fail
  public static JsonNode error(CompletableFuture<JsonNode> answer) {
    try {
      throw new AssertionError("not refused: " + get(answer));
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RpcFailure refused) {
        return refused.error();
      }
      throw failed;
    }
  }

  /// Its code.
  public static String errorCode(CompletableFuture<JsonNode> answer) {
    return error(answer).path("code").asText();
  }
}
