package dev.parley.agent.llm;

import dev.parley.agent.AgentFailure;
import dev.parley.session.Refusal.Code;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a call's failure means for its turn. What the provider says of it is looked at and never
/// passed on: it may quote keys and content.
///
/// @param told for the client to read
/// @param retryable whether sending the same message again may work
/// @param again whether asking again is worth it, as long as the model has said nothing
/// @param retryAfter when the provider wants to be asked again; absent: it does not say
public record Trouble(
    Code code, String told, boolean retryable, boolean again, @Nullable Duration retryAfter) {
  private static final int UNAUTHORIZED = 401;
  private static final int PAYMENT_REQUIRED = 402;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int TIMEOUT = 408;
  private static final int CONFLICT = 409;
  private static final int TOO_LARGE = 413;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;

  /// How providers say that a conversation does not fit into their model.
  private static final List<String> TOO_LONG =
      List.of(
          "context_length_exceeded",
          "prompt is too long",
          "context length",
          "context window",
          "too many tokens");

  private static final List<String> FILTERED =
      List.of("content_filter", "content_policy", "content management policy");

  private static final List<String> NO_CREDIT =
      List.of("insufficient_quota", "credit balance", "billing");

  /// @param agent whose settings are named, as `parley.agents.<id>`
  public static Trouble of(Throwable failure, String agent) {
    ProviderFailure found = ProviderFailure.behind(failure);
    if (found == null) {
      return unreadable();
    }
    return switch (found.kind()) {
      case REFUSED -> refused(found, agent);
      case UNREACHABLE ->
          passing(
              Code.MODEL_UNREACHABLE,
              "The model's provider cannot be reached: look at " + agent + ".base-url.",
              null);
      case LOST ->
          passing(Code.MODEL_LOST, "The connection to the model's provider was lost.", null);
      case BUSY ->
          passing(
              Code.MODEL_OVERLOADED,
              "Too many answers of the model's provider stream at once: look at"
                  + " parley.models.connections-max.",
              null);
      case UNREADABLE -> unreadable();
      case NO_ANSWER ->
          unreadable("What came is no model's answer: look at " + agent + ".base-url.");
    };
  }

  public AgentFailure failure() {
    return new AgentFailure(code, told, retryable);
  }

  private static Trouble refused(ProviderFailure found, String agent) {
    String body = found.body().toLowerCase(Locale.ROOT);
    int status = found.statusCode();
    return switch (status) {
      case UNAUTHORIZED, FORBIDDEN -> key(agent);
      case PAYMENT_REQUIRED -> noCredit();
      case NOT_FOUND -> unknown(agent);
      case TOO_LARGE -> tooLong(agent);
      case TOO_MANY -> says(body, NO_CREDIT) ? noCredit() : limited(found.retryAfter());
      case TIMEOUT, CONFLICT -> overloaded(found.retryAfter());
      default -> status >= SERVER_ERROR ? overloaded(found.retryAfter()) : wrong(body, agent);
    };
  }

  private static Trouble wrong(String body, String agent) {
    if (says(body, TOO_LONG)) {
      return tooLong(agent);
    }
    if (says(body, FILTERED)) {
      return lasting(Code.CONTENT_FILTERED, "The model's provider does not answer this.");
    }
    if (says(body, NO_CREDIT)) {
      return noCredit();
    }
    return lasting(
        Code.MODEL_REFUSED,
        "The model's provider does not take the request: look at the settings of " + agent + ".");
  }

  private static boolean says(String body, List<String> words) {
    return words.stream().anyMatch(body::contains);
  }

  private static Trouble key(String agent) {
    return lasting(
        Code.MODEL_KEY_REFUSED,
        "The model's provider refuses the key: look at " + agent + ".api-key.");
  }

  private static Trouble unknown(String agent) {
    return lasting(
        Code.MODEL_UNKNOWN,
        "The provider knows no such model: look at "
            + agent
            + ".model and "
            + agent
            + ".base-url.");
  }

  private static Trouble tooLong(String agent) {
    return lasting(
        Code.CONTEXT_TOO_LONG,
        "The conversation does not fit into the model: look at " + agent + ".history-tokens.");
  }

  private static Trouble noCredit() {
    return lasting(Code.MODEL_NO_CREDIT, "The account at the model's provider has no credit.");
  }

  private static Trouble limited(@Nullable Duration retryAfter) {
    return passing(
        Code.MODEL_RATE_LIMITED, "The model's provider wants fewer requests.", retryAfter);
  }

  private static Trouble overloaded(@Nullable Duration retryAfter) {
    return passing(
        Code.MODEL_OVERLOADED, "The model's provider cannot answer at the moment.", retryAfter);
  }

  private static Trouble unreadable() {
    return unreadable("The model's answer cannot be read.");
  }

  private static Trouble unreadable(String told) {
    return new Trouble(Code.MODEL_UNREADABLE, told, true, false, null);
  }

  private static Trouble lasting(Code code, String told) {
    return new Trouble(code, told, false, false, null);
  }

  private static Trouble passing(Code code, String told, @Nullable Duration retryAfter) {
    return new Trouble(code, told, true, true, retryAfter);
  }
}
