package dev.parley.agent.llm;

import dev.langchain4j.http.client.HttpClientBuilder;
import java.util.function.Consumer;

/// One request to a provider and its answer, event by event, as far as it is wanted. A model that
/// was built with [#client] begins it. Everything is called on the loop of the turn it is for, and
/// happens there.
///
/// What goes wrong is told to the model's handler once, as a [ProviderFailure]; the end of an
/// answer whose model has not come to its own is a loss.
public interface Exchange {

  /// What a model is built with to speak through this exchange, once.
  HttpClientBuilder client();

  /// Who else is told the data of each event, before the model is: the library keeps to itself what
  /// it has no word for, when there is something else in the event.
  void overhear(Consumer<String> told);

  /// Whether events are wanted at the moment; they are until somebody says otherwise. While they
  /// are not, at most those of one read are held, and the provider is slowed down.
  void want(boolean wanted);

  /// Ends it at once: its connection is cut, and its model hears nothing more. Idempotent.
  void close();
}
