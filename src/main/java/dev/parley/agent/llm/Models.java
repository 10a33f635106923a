package dev.parley.agent.llm;

import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel.AnthropicStreamingChatModelBuilder;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel.OllamaStreamingChatModelBuilder;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder;
import java.util.Objects;

/// The library's models. One is made for each exchange: what it speaks through is the only thing
/// about it that costs anything.
final class Models {
  private static final String OLLAMA_HERE = "http://localhost:11434";

  /// Anthropic wants to be told how much it may answer.
  private static final int ANTHROPIC_TOKENS = 4096;

  private Models() {}

  /// A model that asks once, through the exchange.
  static StreamingChatModel of(ModelSettings settings, Exchange exchange) {
    return switch (settings.provider()) {
      case ANTHROPIC -> anthropic(settings, exchange.client());
      case OPENAI -> openAi(settings, exchange.client());
      case OLLAMA -> ollama(settings, exchange.client());
    };
  }

  private static StreamingChatModel anthropic(ModelSettings settings, HttpClientBuilder client) {
    int answer = Objects.requireNonNullElse(settings.maxTokens(), ANTHROPIC_TOKENS);
    AnthropicStreamingChatModelBuilder builder =
        AnthropicStreamingChatModel.builder()
            .httpClientBuilder(client)
            .apiKey(settings.apiKey())
            .modelName(settings.model())
            .temperature(settings.temperature())
            .returnThinking(true);
    if (settings.baseUrl() != null) {
      builder.baseUrl(settings.baseUrl());
    }
    Integer thinking = settings.thinkingBudget();
    if (thinking != null) {
      // what it thinks counts as answered
      builder.thinkingType("enabled").thinkingBudgetTokens(thinking);
      answer += thinking;
    }
    return builder.maxTokens(answer).build();
  }

  private static StreamingChatModel openAi(ModelSettings settings, HttpClientBuilder client) {
    OpenAiStreamingChatModelBuilder builder =
        OpenAiStreamingChatModel.builder()
            .httpClientBuilder(client)
            .modelName(settings.model())
            .temperature(settings.temperature())
            .returnThinking(true);
    if (settings.baseUrl() == null) {
      // OpenAI's newer models take no other word for it, and those who speak like it know the older
      builder.maxCompletionTokens(settings.maxTokens());
    } else {
      builder.baseUrl(settings.baseUrl()).maxTokens(settings.maxTokens());
    }
    if (settings.apiKey() != null) {
      builder.apiKey(settings.apiKey());
    }
    return builder.build();
  }

  private static StreamingChatModel ollama(ModelSettings settings, HttpClientBuilder client) {
    OllamaStreamingChatModelBuilder builder =
        OllamaStreamingChatModel.builder()
            .httpClientBuilder(client)
            .baseUrl(Objects.requireNonNullElse(settings.baseUrl(), OLLAMA_HERE))
            .modelName(settings.model())
            .temperature(settings.temperature())
            .numPredict(settings.maxTokens())
            .returnThinking(true);
    if (settings.thinkingBudget() != null) {
      builder.think(true);
    }
    return builder.build();
  }
}
