package dev.parley.agent.llm;

import org.jspecify.annotations.Nullable;

/// One model of one provider, and how it is asked.
///
/// @param baseUrl where the provider is; absent: where it is by itself
/// @param apiKey absent: the provider asks for none
/// @param systemPrompt what the model is told before the conversation; absent: nothing
/// @param temperature absent: the provider's
/// @param maxTokens of one answer; absent: the provider's, where it has one
/// @param thinkingBudget tokens of reasoning before an answer; absent: none is asked for
public record ModelSettings(
    Provider provider,
    String model,
    @Nullable String baseUrl,
    @Nullable String apiKey,
    @Nullable String systemPrompt,
    @Nullable Double temperature,
    @Nullable Integer maxTokens,
    @Nullable Integer thinkingBudget) {

  /// Without the key.
  @Override
  public String toString() {
    return "ModelSettings[" + provider + ", " + model + "]";
  }
}
