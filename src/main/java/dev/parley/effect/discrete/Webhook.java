package dev.parley.effect.discrete;

import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/// The way out to an HTTP server.
@FunctionalInterface
public interface Webhook {

  /// Posts once: follows no redirect, trusts no server whose certificate does not fit, and ignores
  /// what the answer says beyond its status. What can go wrong is an [Answer]. Cancelling drops the
  /// connection. May emit on any thread.
  Uni<Answer> post(Post post);

  /// @param headers beside those that HTTP itself needs
  /// @param timeout from connecting to the answer's status
  record Post(URI url, Map<String, String> headers, String body, Duration timeout) {
    @Override
    public String toString() {
      return "a post";
    }
  }

  /// What came back.
  sealed interface Answer {
    record Status(int code) implements Answer {}

    /// @param reason a few words without any address
    record None(String reason) implements Answer {}
  }
}
