package dev.parley.agent.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is asked of providers that are where they are by themselves: no test can be there.
class ModelsTest {

  @ParameterizedTest
  @CsvSource({
    "ANTHROPIC, https://api.anthropic.com/v1/messages",
    "OPENAI, https://api.openai.com/v1/chat/completions",
    "OLLAMA, http://localhost:11434/api/chat"
  })
  void asksProvidersWhereTheyAreByThemselves(Provider of, String url) {
    assertThat(ask(of, null).url()).isEqualTo(url);
  }

  @Test
  void limitsTheAnswersOfOpenAiInItsNewerWordAndOfOthersInTheOlder() {
    assertThat(ask(Provider.OPENAI, null).body())
        .containsPattern("\"max_completion_tokens\"\\s*:\\s*100")
        .doesNotContain("\"max_tokens\"");
    assertThat(ask(Provider.OPENAI, "http://localhost:1/v1").body())
        .containsPattern("\"max_tokens\"\\s*:\\s*100")
        .doesNotContain("max_completion_tokens");
  }

  private static HttpRequest ask(Provider of, @Nullable String baseUrl) {
    Recording recording = new Recording();
    Models.of(
            new ModelSettings(of, "the-model", baseUrl, "sk-secret", null, null, 100, null),
            recording)
        .chat(
            ChatRequest.builder().messages(UserMessage.from("hello")).build(),
            new StreamingChatResponseHandler() {
              @Override
              public void onCompleteResponse(ChatResponse response) {
                throw new AssertionError("nobody answers");
              }

              @Override
              public void onError(Throwable error) {
                throw new AssertionError(error);
              }
            });
    assertThat(recording.asked).hasSize(1);
    return recording.asked.getFirst();
  }

  /// Keeps what it is to ask, and asks nobody.
  private static final class Recording implements Exchange, HttpClientBuilder, HttpClient {
    private final List<HttpRequest> asked = new ArrayList<>();

    @Override
    public HttpClientBuilder client() {
      return this;
    }

    @Override
    public void overhear(Consumer<String> told) {}

    @Override
    public void want(boolean wanted) {}

    @Override
    public void close() {}

    @Override
    public @Nullable Duration connectTimeout() {
      return null;
    }

    @Override
    public HttpClientBuilder connectTimeout(Duration timeout) {
      return this;
    }

    @Override
    public @Nullable Duration readTimeout() {
      return null;
    }

    @Override
    public HttpClientBuilder readTimeout(Duration timeout) {
      return this;
    }

    @Override
    public HttpClient build() {
      return this;
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void execute(
        HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
      asked.add(request);
    }
  }
}
