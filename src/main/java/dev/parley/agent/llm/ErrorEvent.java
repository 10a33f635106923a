package dev.parley.agent.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a provider says of its own failure in the middle of an answer whose status was good: an
/// `error` in an event, with a type or a code, as Anthropic and those who speak like OpenAI have
/// it, or a text, as Ollama has it; or an event that is one as a whole, as vLLM has it. It is a
/// refusal like one that comes with a status.
///
/// The types are those of Anthropic's and OpenAI's error references, the codes in numbers
/// OpenRouter's.
final class ErrorEvent {
  /// What no event of another kind has. A text that quotes it has backslashes before its quotation
  /// marks.
  private static final String SIGN = "\"error\"";

  private static final String ERROR = "error";

  private static final int REFUSALS = 400;
  private static final int STATUS_END = 600;
  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int PAYMENT_REQUIRED = 402;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int TOO_LARGE = 413;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;

  private static final ObjectMapper JSON = new ObjectMapper();

  private ErrorEvent() {}

  /// @param data of one event
  /// @return absent: it is none
  static @Nullable ProviderFailure read(String data) {
    if (!data.contains(SIGN)) {
      return null;
    }
    try {
      JsonNode event = JSON.readTree(data);
      JsonNode error = error(event);
      return error == null ? null : ProviderFailure.refused(status(error), error.toString(), null);
    } catch (JsonProcessingException notJson) {
      // the library says what becomes of the answer
      return null;
    }
  }

  private static @Nullable JsonNode error(JsonNode event) {
    JsonNode error = event.path(ERROR);
    if (error.isTextual() ? !error.asText().isBlank() : error.isObject() && !error.isEmpty()) {
      return error;
    }
    boolean all = event.path("type").asText().equals(ERROR);
    return all || event.path("object").asText().equals(ERROR) ? event : null;
  }

  private static int status(JsonNode error) {
    int status = error.path("code").asInt();
    if (status >= REFUSALS && status < STATUS_END) {
      return status;
    }
    int byType = status(error.path("type").asText());
    return byType == SERVER_ERROR ? status(error.path("code").asText()) : byType;
  }

  private static int status(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "invalid_request_error", "context_length_exceeded", "content_filter" -> BAD_REQUEST;
      case "authentication_error", "invalid_api_key" -> UNAUTHORIZED;
      case "billing_error" -> PAYMENT_REQUIRED;
      case "permission_error" -> FORBIDDEN;
      case "not_found_error", "model_not_found" -> NOT_FOUND;
      case "request_too_large" -> TOO_LARGE;
      case "rate_limit_error", "rate_limit_exceeded", "insufficient_quota" -> TOO_MANY;
      default -> SERVER_ERROR;
    };
  }
}
