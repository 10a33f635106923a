package dev.parley.agent.llm;

import dev.langchain4j.exception.HttpException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Why an exchange with a provider came to no good end. Its message names the kind and nothing that
/// either side has said; it is one of the library's own failures, so that the library passes it on.
public final class ProviderFailure extends HttpException {
  private static final long serialVersionUID = 1L;

  /// What a failure without an answer of the provider has for a status.
  public static final int NO_STATUS = 0;

  private static final int CAUSES_MAX = 8;

  private final Kind kind;
  private final String body;
  private final transient @Nullable Duration retryAfter;

  /// What went wrong.
  public enum Kind {
    /// The provider refused: see status and body.
    REFUSED,
    /// It could not be reached.
    UNREACHABLE,
    /// There was no room for one more: as many as there may be are under way, and as many wait.
    BUSY,
    /// The connection was lost before the answer was whole.
    LOST,
    /// The answer is not in the provider's format, or too large in one piece.
    UNREADABLE,
    /// It is no model's answer at all.
    NO_ANSWER
  }

  private ProviderFailure(Kind kind, int status, String body, @Nullable Duration retryAfter) {
    super(status, status == NO_STATUS ? kind.name() : kind.name() + " " + status);
    this.kind = kind;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  public static ProviderFailure of(Kind kind) {
    return new ProviderFailure(kind, NO_STATUS, "", null);
  }

  /// @param body the beginning of what the provider says; may quote keys and content
  /// @param retryAfter when it wants to be asked again; absent: it does not say
  public static ProviderFailure refused(int status, String body, @Nullable Duration retryAfter) {
    return new ProviderFailure(Kind.REFUSED, status, body, retryAfter);
  }

  /// The one that a failure goes back to; absent: it goes back to something else.
  static @Nullable ProviderFailure behind(Throwable failure) {
    Throwable at = failure;
    for (int i = 0; i < CAUSES_MAX && at != null; i++) {
      if (at instanceof ProviderFailure found) {
        return found;
      }
      at = at.getCause();
    }
    return null;
  }

  public Kind kind() {
    return kind;
  }

  /// The beginning of what the provider says of its refusal: for looking at, never for passing on.
  public String body() {
    return body;
  }

  /// When the provider wants to be asked again; absent: it does not say.
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
