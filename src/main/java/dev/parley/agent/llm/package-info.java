/// Agents that ask a model of a provider: Anthropic, OpenAI and whatever speaks as it does, Ollama.
/// The formats are LangChain4j's, the way to the provider is an [dev.parley.agent.llm.Exchange].
///
/// **Invariants**
/// - A turn has one exchange at a time, and none once it is over or nobody wants it any more.
/// - The same history gives the same request.
/// - No text that a client is told of a failure is a provider's: it may quote keys and content.
@NullMarked
package dev.parley.agent.llm;

import org.jspecify.annotations.NullMarked;
