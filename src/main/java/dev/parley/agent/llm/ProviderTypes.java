package dev.parley.agent.llm;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import io.quarkus.runtime.annotations.RegisterForReflection;

/// What the library reads and writes of providers, so that a native image keeps how: types that its
/// own configuration for images leaves out, and all of Ollama's, which has none. By name: most of
/// them are not public.
@RegisterForReflection(
    targets = SnakeCaseStrategy.class,
    classNames = {
      "dev.langchain4j.model.anthropic.internal.api.AnthropicCacheMissReason",
      "dev.langchain4j.model.anthropic.internal.api.AnthropicContainer",
      "dev.langchain4j.model.anthropic.internal.api.AnthropicContainer$AnthropicContainerSkill",
      "dev.langchain4j.model.anthropic.internal.api.AnthropicDiagnostics",
      "dev.langchain4j.model.anthropic.internal.api.AnthropicDiagnosticsParameters",
      "dev.langchain4j.model.anthropic.internal.api.AnthropicFormat$Builder",
      "dev.langchain4j.model.anthropic.internal.api.AnthropicOutputConfig$Builder",
      "dev.langchain4j.model.ollama.CompletionRequest",
      "dev.langchain4j.model.ollama.CompletionResponse",
      "dev.langchain4j.model.ollama.DeleteModelRequest",
      "dev.langchain4j.model.ollama.EmbeddingRequest",
      "dev.langchain4j.model.ollama.EmbeddingResponse",
      "dev.langchain4j.model.ollama.FormatSerializer",
      "dev.langchain4j.model.ollama.Function",
      "dev.langchain4j.model.ollama.FunctionCall",
      "dev.langchain4j.model.ollama.Message",
      "dev.langchain4j.model.ollama.ModelsListResponse",
      "dev.langchain4j.model.ollama.OllamaChatRequest",
      "dev.langchain4j.model.ollama.OllamaChatResponse",
      "dev.langchain4j.model.ollama.OllamaDateDeserializer",
      "dev.langchain4j.model.ollama.OllamaModel",
      "dev.langchain4j.model.ollama.OllamaModelCard",
      "dev.langchain4j.model.ollama.OllamaModelDetails",
      "dev.langchain4j.model.ollama.OllamaModelMessage",
      "dev.langchain4j.model.ollama.OllamaModelTensor",
      "dev.langchain4j.model.ollama.OllamaModelToolCall",
      "dev.langchain4j.model.ollama.OllamaModelToolCallFunction",
      "dev.langchain4j.model.ollama.Options",
      "dev.langchain4j.model.ollama.Parameters",
      "dev.langchain4j.model.ollama.Role",
      "dev.langchain4j.model.ollama.RunningModelsListResponse",
      "dev.langchain4j.model.ollama.RunningOllamaModel",
      "dev.langchain4j.model.ollama.ShowModelInformationRequest",
      "dev.langchain4j.model.ollama.Tool",
      "dev.langchain4j.model.ollama.ToolCall"
    })
final class ProviderTypes {
  private ProviderTypes() {}
}
