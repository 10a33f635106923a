/// One question to a model of a provider, and its answer as it streams: Anthropic, OpenAI and
/// whatever speaks as it does, Ollama. The formats are LangChain4j's, the way to the provider is an
/// [dev.parley.agent.llm.Exchange].
///
/// **Invariants**
/// - A call that is over, however it came to its end, has no exchange any more.
/// - No text that a client is told of a failure is a provider's: it may quote keys and content.
@NullMarked
package dev.parley.agent.llm;

import org.jspecify.annotations.NullMarked;
