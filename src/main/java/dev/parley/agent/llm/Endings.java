package dev.parley.agent.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.model.anthropic.AnthropicChatResponseMetadata;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import dev.parley.content.FinishReason;
import dev.parley.content.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why an answer ended, and what it cost, in Parley's words.
final class Endings {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Anthropic's word for an answer that its filter has ended; the library has none for it.
  private static final String REFUSAL = "refusal";

  private Endings() {}

  /// @return absent: the provider did not say, so the answer has not come to its end
  static @Nullable FinishReason reason(ChatResponseMetadata metadata) {
    String said = said(metadata);
    return switch (metadata.finishReason()) {
      case STOP -> FinishReason.STOP;
      case LENGTH -> FinishReason.LENGTH;
      case TOOL_EXECUTION -> FinishReason.TOOL_CALLS;
      case CONTENT_FILTER -> FinishReason.CONTENT_FILTER;
      case OTHER -> REFUSAL.equals(said) ? FinishReason.CONTENT_FILTER : FinishReason.OTHER;
      case null -> said == null ? null : FinishReason.OTHER;
    };
  }

  /// The provider's own word, where the library keeps it.
  private static @Nullable String said(ChatResponseMetadata metadata) {
    return switch (metadata) {
      case AnthropicChatResponseMetadata anthropic ->
          last(anthropic.rawServerSentEvents(), "/delta/stop_reason");
      case OpenAiChatResponseMetadata openAi ->
          last(openAi.rawServerSentEvents(), "/choices/0/finish_reason");
      default -> null;
    };
  }

  private static @Nullable String last(List<ServerSentEvent> events, String pointer) {
    for (ServerSentEvent event : events.reversed()) {
      try {
        JsonNode word = JSON.readTree(event.data()).at(pointer);
        if (word.isTextual()) {
          return word.asText();
        }
      } catch (JsonProcessingException notJson) {
        // [DONE], or what the library passed over
      }
    }
    return null;
  }

  /// Input that was read from a cache, or written to one, is counted as that alone.
  static Usage usage(@Nullable TokenUsage given) {
    return switch (given) {
      case AnthropicTokenUsage anthropic ->
          new Usage(
              count(anthropic.inputTokenCount()),
              count(anthropic.outputTokenCount()),
              count(anthropic.cacheReadInputTokens()),
              count(anthropic.cacheCreationInputTokens()));
      case OpenAiTokenUsage openAi -> {
        long cached =
            openAi.inputTokensDetails() == null
                ? 0
                : count(openAi.inputTokensDetails().cachedTokens());
        yield new Usage(
            Math.max(0, count(openAi.inputTokenCount()) - cached),
            count(openAi.outputTokenCount()),
            cached,
            0);
      }
      case null -> Usage.NONE;
      default -> Usage.of(count(given.inputTokenCount()), count(given.outputTokenCount()));
    };
  }

  private static long count(@Nullable Integer tokens) {
    return tokens == null ? 0 : Math.max(0, tokens);
  }
}
