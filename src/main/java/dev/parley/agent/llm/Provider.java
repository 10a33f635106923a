package dev.parley.agent.llm;

/// Whose way of speaking a model is asked in.
public enum Provider {
  /// Anthropic's Messages API.
  ANTHROPIC,
  /// OpenAI's Chat Completions, and whatever speaks as they do.
  OPENAI,
  /// Ollama's own API.
  OLLAMA
}
