package dev.parley.agent.llm;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.parley.agent.llm.ProviderFailure.Kind;
import dev.parley.content.FinishReason;
import dev.parley.content.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One question to a model, and its answer as it streams. On the turn's loop.
///
/// Its listener hears words by the [Speech] it was given, and then the end, once: an answer, or why
/// there is none. After [#close] it hears nothing.
public final class ModelCall implements StreamingChatResponseHandler {
  private final Exchange exchange;
  private final Speech speech;
  private final Listener listener;
  private final List<ToolCall> calls = new ArrayList<>();
  private boolean over;

  /// Who asked.
  public interface Listener {
    void answered(Answer answer);

    /// @param failure a [ProviderFailure], or what the library makes of what a provider says
    void failed(Throwable failure);
  }

  /// A whole answer.
  ///
  /// @param message for the conversation that goes on after it
  /// @param calls of tools, that the model wants
  /// @param model the one that answered; absent: the provider does not say
  public record Answer(
      AiMessage message,
      List<ToolCall> calls,
      FinishReason reason,
      Usage usage,
      @Nullable String model) {
    public Answer {
      calls = List.copyOf(calls);
    }
  }

  public ModelCall(Exchange exchange, Speech speech, Listener listener) {
    this.exchange = exchange;
    this.speech = speech;
    this.listener = listener;
  }

  /// Asks. Once.
  public void begin(ModelSettings settings, ChatRequest request) {
    exchange.overhear(this::overheard);
    Models.of(settings, exchange).chat(request, this);
  }

  /// Whether more words are wanted at the moment.
  public void want(boolean wanted) {
    exchange.want(wanted);
  }

  /// Stops the model: the exchange with its provider is over at once. Idempotent.
  public void close() {
    over = true;
    exchange.close();
  }

  private void overheard(String data) {
    if (over) {
      return;
    }
    ProviderFailure told = ErrorEvent.read(data);
    if (told == null) {
      speech.sources(data);
    } else {
      onError(told);
    }
  }

  @Override
  public void onPartialResponse(String words) {
    if (!over) {
      speech.text(words);
    }
  }

  @Override
  public void onPartialThinking(PartialThinking thinking) {
    if (!over) {
      speech.reasoning(thinking.text());
    }
  }

  @Override
  public void onPartialToolCall(PartialToolCall piece) {
    if (!over) {
      speech.toolInput(piece);
    }
  }

  @Override
  public void onCompleteToolCall(CompleteToolCall whole) {
    if (!over) {
      calls.add(speech.toolCall(whole));
    }
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    if (over) {
      return;
    }
    FinishReason reason = Endings.reason(response.metadata());
    if (reason == null) {
      // the bytes came to an end, and the answer did not
      onError(ProviderFailure.of(Kind.LOST));
      return;
    }
    speech.endPart();
    calls.addAll(speech.cutCalls());
    if (reason == FinishReason.TOOL_CALLS && calls.isEmpty()) {
      // of the one that it wants to make, nothing could be understood
      onError(ProviderFailure.of(Kind.UNREADABLE));
      return;
    }
    over = true;
    AiMessage message = response.aiMessage();
    listener.answered(
        new Answer(
            calls.isEmpty()
                ? message
                : message.toBuilder()
                    .toolExecutionRequests(calls.stream().map(ToolCall::request).toList())
                    .build(),
            calls,
            reason,
            Endings.usage(response.metadata().tokenUsage()),
            response.metadata().modelName()));
  }

  @Override
  public void onError(Throwable failure) {
    if (!over) {
      close();
      listener.failed(failure);
    }
  }
}
