package dev.parley.agent.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.parley.agent.http.ProviderHttp;
import dev.parley.agent.llm.ModelCall.Answer;
import dev.parley.agent.llm.ProviderFailure.Kind;
import dev.parley.agent.llm.ToolCall.Progress;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.ReasoningDelta;
import dev.parley.content.ChatStreamEvent.ReasoningEnd;
import dev.parley.content.ChatStreamEvent.ReasoningStart;
import dev.parley.content.ChatStreamEvent.SourceDocument;
import dev.parley.content.ChatStreamEvent.SourceUrl;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.ChatStreamEvent.TextEnd;
import dev.parley.content.ChatStreamEvent.TextStart;
import dev.parley.content.ChatStreamEvent.ToolInputAvailable;
import dev.parley.content.ChatStreamEvent.ToolInputDelta;
import dev.parley.content.ChatStreamEvent.ToolInputError;
import dev.parley.content.ChatStreamEvent.ToolInputStart;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.Usage;
import dev.parley.testing.ProviderStandIn;
import dev.parley.testing.ProviderStandIn.Asked;
import dev.parley.testing.ProviderStandIn.Script;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What providers stream becomes Parley's words, of each provider, however its bytes are cut.
class ModelCallTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> WORDS = List.of("Grüße ", "☃ ", "😀");

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final ProviderStandIn provider = new ProviderStandIn();
  private final ProviderHttp http =
      new ProviderHttp(
          vertx, new ProviderHttp.Settings(4, 10, Duration.ofSeconds(5), 100_000, 1_000_000));

  @AfterEach
  void close() throws Exception {
    provider.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  static Stream<Arguments> cuts() {
    return Stream.of(Provider.values())
        .flatMap(of -> Stream.of(1, 3, 64, 10_000).map(piece -> Arguments.of(of, piece)));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void saysReasoningAndTextInParts(Provider of, int piece) {
    String said = ProviderScripts.answer(of, "hm – ü", WORDS);
    provider.behave(_ -> ProviderScripts.cut(of, said, piece));
    Ear ear = ask(of);
    Answer answer = ear.answer();
    assertThat(ear.said).isEqualTo(parts("hm – ü"));
    assertThat(answer.reason()).isEqualTo(FinishReason.STOP);
    assertThat(answer.message().text()).isEqualTo("Grüße ☃ 😀");
    assertThat(answer.calls()).isEmpty();
    assertThat(answer.usage())
        .isEqualTo(
            switch (of) {
              case ANTHROPIC -> new Usage(25, 15, 11, 7);
              case OPENAI -> new Usage(25, 15, 11, 0);
              case OLLAMA -> new Usage(25, 15, 0, 0);
            });
    assertThat(answer.model())
        .isEqualTo(
            switch (of) {
              case ANTHROPIC -> "claude-test-1";
              case OPENAI -> "gpt-test-1";
              case OLLAMA -> "llama-test";
            });
  }

  private static List<Content> parts(String reasoning) {
    return List.of(
        new ReasoningStart("r0"),
        new ReasoningDelta("r0", reasoning),
        new ReasoningEnd("r0"),
        new TextStart("t1"),
        new TextDelta("t1", "Grüße "),
        new TextDelta("t1", "☃ "),
        new TextDelta("t1", "😀"),
        new TextEnd("t1"));
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void asksAsTheProviderWantsToBeAsked(Provider of) throws Exception {
    provider.behave(_ -> ProviderScripts.cut(of, ProviderScripts.answer(of, "hm", WORDS), 10_000));
    Answer _ = ask(of).answer();
    Asked asked = provider.asked().getFirst();
    JsonNode body = JSON.readTree(asked.body());
    assertThat(body.path("model").asText()).isEqualTo("the-model");
    assertThat(body.path("stream").asBoolean()).isTrue();
    assertThat(body.path("messages").findValuesAsText("role")).contains("user");
    assertThat(asked.body()).contains("be brief").contains("hello ☃");
    switch (of) {
      case ANTHROPIC -> {
        assertThat(asked.path()).isEqualTo("/v1/messages");
        assertThat(asked.header("x-api-key")).isEqualTo("sk-secret");
        assertThat(asked.header("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(body.path("max_tokens").asInt()).isEqualTo(100);
      }
      case OPENAI -> {
        assertThat(asked.path()).isEqualTo("/v1/chat/completions");
        assertThat(asked.header("authorization")).isEqualTo("Bearer sk-secret");
        assertThat(body.path("stream_options").path("include_usage").asBoolean()).isTrue();
        assertThat(body.path("max_tokens").asInt()).isEqualTo(100);
      }
      case OLLAMA -> {
        assertThat(asked.path()).isEqualTo("/api/chat");
        assertThat(body.path("options").path("num_predict").asInt()).isEqualTo(100);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void saysACallOfAToolAsItIsBuilt(Provider of, int piece) {
    List<String> input = List.of("{\"city\":", "\"Köln\"}");
    String said =
        switch (of) {
          case ANTHROPIC -> ProviderScripts.anthropicCall("call_7", "weather", input);
          case OPENAI -> ProviderScripts.openAiCall("call_7", "weather", input);
          case OLLAMA -> ProviderScripts.ollamaCall("weather", "{\"city\":\"Köln\"}");
        };
    provider.behave(_ -> ProviderScripts.cut(of, said, piece));
    Ear ear = ask(of);
    Answer answer = ear.answer();
    boolean named = of != Provider.OLLAMA;
    String id = named ? "call_7" : "call0";
    JsonText whole = new JsonText("{\"city\":\"Köln\"}");
    List<Content> pieces =
        named
            ? List.of(
                new ToolInputStart(id, "weather"),
                new ToolInputDelta(id, "{\"city\":"),
                new ToolInputDelta(id, "\"Köln\"}"),
                new ToolInputAvailable(id, "weather", whole))
            : List.of(
                new ToolInputStart(id, "weather"), new ToolInputAvailable(id, "weather", whole));
    assertThat(ear.said).isEqualTo(pieces);
    assertThat(answer.reason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(answer.calls())
        .extracting(ToolCall::request)
        .containsExactly(
            ToolExecutionRequest.builder().id(id).name("weather").arguments(whole.text()).build());
    assertThat(answer.message().toolExecutionRequests())
        .isEqualTo(answer.calls().stream().map(ToolCall::request).toList());
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void aCallOfWhatNoToolCanBeCalledIsNotMade(Provider of) {
    for (String name : List.of("with space", "x".repeat(65))) {
      String said =
          switch (of) {
            case ANTHROPIC -> ProviderScripts.anthropicCall("c1", name, List.of("{}"));
            case OPENAI -> ProviderScripts.openAiCall("c1", name, List.of("{}"));
            case OLLAMA -> ProviderScripts.ollamaCall(name, "{}");
          };
      provider.behave(_ -> ProviderScripts.cut(of, said, 10_000));
      Ear ear = ask(of);
      ToolCall call = ear.answer().calls().getFirst();
      assertThat(call.request().name()).isEqualTo("unknown");
      assertThat(call.progress())
          .isEqualTo(new Progress.Over("no tool can have the name of this call", true));
      assertThat(ear.said)
          .startsWith(new ToolInputStart(call.id(), "unknown"))
          .endsWith(
              new ToolInputError(
                  call.id(),
                  "unknown",
                  new JsonText("\"{}\""),
                  "no tool can have the name of this call"));
    }
  }

  @Test
  void aCallWhoseInputIsNotSaidToItsEndIsNotMade() {
    String whole = ProviderScripts.anthropicCall("c1", "weather", List.of("{\"city\":", "\"K"));
    String said = whole.replaceFirst("event: content_block_stop\n[^\n]*\n\n", "");
    assertThat(said).isNotEqualTo(whole);
    provider.behave(_ -> ProviderScripts.cut(Provider.ANTHROPIC, said, 10_000));
    Ear ear = ask(Provider.ANTHROPIC);
    Answer answer = ear.answer();
    String why = "the input of this call was not said to its end";
    assertThat(ear.said)
        .containsExactly(
            new ToolInputStart("c1", "weather"),
            new ToolInputDelta("c1", "{\"city\":"),
            new ToolInputDelta("c1", "\"K"),
            new ToolInputError("c1", "weather", new JsonText("\"{\\\"city\\\":\\\"K\""), why));
    assertThat(answer.calls())
        .extracting(ToolCall::progress)
        .containsExactly(new Progress.Over(why, true));
    assertThat(answer.message().toolExecutionRequests())
        .isEqualTo(answer.calls().stream().map(ToolCall::request).toList());
  }

  @Test
  void anAnswerThatCallsAndDoesNotSayWhatCannotBeRead() {
    provider.behave(_ ->
        ProviderScripts.cut(
            Provider.OPENAI, ProviderScripts.openAi("hm", WORDS, "tool_calls"), 10_000));
    assertThat(ask(Provider.OPENAI).failure().kind()).isEqualTo(Kind.UNREADABLE);
  }

  static Stream<Arguments> sources() {
    String openAi = ProviderScripts.openAi("hm", WORDS, "stop");
    String anthropic = ProviderScripts.anthropic("hm", WORDS, "end_turn");
    SourceUrl news = new SourceUrl("s0", "https://news.example/ü?a=1", "Nachrichten – ü");
    return Stream.of(
            Arguments.of(
                Provider.OPENAI,
                ProviderScripts.openAiAnnotated(
                    openAi,
                    "☃ ",
                    """
                    [{"type":"url_citation","url_citation":{"start_index":0,"end_index":3,\
                    "url":"https://news.example/ü?a=1","title":"Nachrichten – ü"}}]\
                    """),
                List.of(news)),
            Arguments.of(
                Provider.OPENAI,
                ProviderScripts.openAiWithLists(
                    openAi,
                    """
                    "citations":["https://news.example/ü?a=1","https://b.example"],\
                    "search_results":[{"title":"Nachrichten – ü",\
                    "url":"https://news.example/ü?a=1","date":null}]\
                    """),
                List.of(news, new SourceUrl("s1", "https://b.example", null))),
            Arguments.of(
                Provider.ANTHROPIC,
                ProviderScripts.anthropicCited(
                    anthropic,
                    "☃ ",
                    List.of(
                        """
                        {"type":"web_search_result_location","cited_text":"so",\
                        "url":"https://news.example/ü?a=1","title":"Nachrichten – ü",\
                        "encrypted_index":"Eo8="}\
                        """,
                        """
                        {"type":"char_location","cited_text":"so","document_index":0,\
                        "document_title":"Notes","start_char_index":0,"end_char_index":2}\
                        """,
                        """
                        {"type":"page_location","cited_text":"so","document_index":1,\
                        "document_title":"Paper","start_page_number":1,"end_page_number":2}\
                        """)),
                List.of(
                    news,
                    new SourceDocument("s1", "text/plain", "Notes"),
                    new SourceDocument("s2", "application/pdf", "Paper"))))
        .flatMap(shape ->
            Stream.of(1, 3, 64, 10_000)
                .map(piece -> Arguments.of(shape.get()[0], shape.get()[1], piece, shape.get()[2])));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void saysSourcesInTheMidstOfWords(Provider of, String said, int piece, List<Content> sources) {
    provider.behave(_ -> ProviderScripts.cut(of, said, piece));
    Ear ear = ask(of);
    assertThat(ear.answer().message().text()).isEqualTo("Grüße ☃ 😀");
    assertThat(ear.said).containsSubsequence(sources);
    List<Content> words = new ArrayList<>(ear.said);
    words.removeAll(sources);
    assertThat(words).isEqualTo(parts("hm"));
  }

  @Test
  void knowsWhyAnAnswerEnded() {
    Map<String, FinishReason> anthropic =
        Map.of(
            "end_turn", FinishReason.STOP,
            "stop_sequence", FinishReason.STOP,
            "max_tokens", FinishReason.LENGTH,
            "refusal", FinishReason.CONTENT_FILTER,
            "pause_turn", FinishReason.OTHER);
    anthropic.forEach((word, reason) ->
        assertThat(ended(Provider.ANTHROPIC, ProviderScripts.anthropic("hm", WORDS, word)))
            .as(word)
            .isEqualTo(reason));
    Map<String, FinishReason> openAi =
        Map.of(
            "stop", FinishReason.STOP,
            "length", FinishReason.LENGTH,
            "content_filter", FinishReason.CONTENT_FILTER,
            "eos", FinishReason.OTHER);
    openAi.forEach((word, reason) ->
        assertThat(ended(Provider.OPENAI, ProviderScripts.openAi("hm", WORDS, word)))
            .as(word)
            .isEqualTo(reason));
    assertThat(ended(Provider.OLLAMA, ProviderScripts.ollama("hm", WORDS, "length")))
        .isEqualTo(FinishReason.LENGTH);
  }

  private FinishReason ended(Provider of, String said) {
    provider.behave(_ -> ProviderScripts.cut(of, said, 10_000));
    return ask(of).answer().reason();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void takesAnAnswerThatStopsInTheMiddleForALoss(Provider of) {
    String said = ProviderScripts.answer(of, "hm", WORDS);
    for (boolean politely : new boolean[] {true, false}) {
      provider.behave(_ -> {
        // without its last events
        Script half = ProviderScripts.cut(of, said.substring(0, said.indexOf('☃')), 10_000);
        return politely ? half : half.cut();
      });
      assertThat(ask(of).failure().kind()).isEqualTo(Kind.LOST);
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void tellsARefusal(Provider of) {
    provider.behave(
        _ -> Script.of(429, Map.of("retry-after", "3")).say("{\"error\":{\"type\":\"limit\"}}"));
    ProviderFailure refused = ask(of).failure();
    assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void tellsWhatAProviderSaysThatFailsInTheMiddle(Provider of) {
    String answer = ProviderScripts.answer(of, "hm", WORDS);
    String end = of == Provider.OLLAMA ? "\n" : "\n\n";
    String half = answer.substring(0, answer.indexOf(end, answer.indexOf('☃')) + end.length());
    for (String before : List.of("", half)) {
      provider.behave(_ ->
          ProviderScripts.cut(of, before + ProviderScripts.error(of, "overloaded_error"), 10_000)
              .hold());
      ProviderFailure failure = ask(of).failure();
      assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
      assertThat(failure.statusCode()).isEqualTo(500);
      assertThat(failure.body()).contains("overloaded_error");
      assertThat(provider.asked().getLast().goneNanos()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void knowsWhatIsNoAnswerOfAModel(Provider of) {
    for (String page : List.of("", "<html>\nwelcome\n</html>", "<html>")) {
      provider.behave(_ -> Script.answer("text/html", page));
      assertThat(ask(of).failure().kind()).isEqualTo(Kind.NO_ANSWER);
    }
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void failsOnWhatIsNotTheProvidersFormat(Provider of) {
    String nonsense = ProviderScripts.nonsense(of);
    provider.behave(_ -> ProviderScripts.cut(of, nonsense, 10_000).hold());
    Ear ear = ask(of);
    ear.awaitFailure();
    assertThat(provider.asked().getFirst().goneNanos()).isPositive();
    assertThat(ear.said).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Provider.class)
  void stopsTheProviderWhenItIsClosed(Provider of) {
    for (boolean begun : new boolean[] {true, false}) {
      String said = ProviderScripts.answer(of, "hm", WORDS);
      int before = provider.asked().size();
      provider.behave(_ ->
          ProviderScripts.cut(of, begun ? said.substring(0, said.indexOf('☃')) : "", 10_000)
              .hold());
      Ear ear = ask(of);
      await().until(() -> provider.asked().size() > before && (!begun || ear.said.size() > 3));
      ear.on(ear.call()::close);
      assertThat(provider.asked().getLast().goneNanos()).isPositive();
      assertThat(ear.ended).isNotDone();
    }
  }

  private Ear ask(Provider of) {
    Ear ear = new Ear();
    ear.on(() -> {
      ModelCall call = new ModelCall(http.exchange(), new Speech(ear.said::add), ear);
      ear.call = call;
      call.begin(
          new ModelSettings(
              of,
              "the-model",
              provider.url() + (of == Provider.OLLAMA ? "" : "/v1"),
              "sk-secret",
              null,
              null,
              100,
              null),
          ChatRequest.builder()
              .messages(SystemMessage.from("be brief"), UserMessage.from("hello ☃"))
              .toolSpecifications(ToolSpecification.builder().name("weather").build())
              .build());
    });
    return ear;
  }

  /// Who asked.
  private final class Ear implements ModelCall.Listener {
    final List<Content> said = new CopyOnWriteArrayList<>();
    final CompletableFuture<Answer> ended = new CompletableFuture<>();
    volatile @Nullable ModelCall call;

    void on(Runnable task) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      context.runOnContext(_ -> {
        task.run();
        done.complete(null);
      });
      done.orTimeout(20, TimeUnit.SECONDS).join();
    }

    ModelCall call() {
      return Objects.requireNonNull(call);
    }

    Answer answer() {
      return ended.orTimeout(20, TimeUnit.SECONDS).join();
    }

    void awaitFailure() {
      await().atMost(Duration.ofSeconds(20)).until(ended::isCompletedExceptionally);
    }

    ProviderFailure failure() {
      awaitFailure();
      ProviderFailure found = ProviderFailure.behind(ended.exceptionNow());
      if (found == null) {
        throw new AssertionError("another failure", ended.exceptionNow());
      }
      return found;
    }

    @Override
    public void answered(Answer answer) {
      assertThat(ended.complete(answer)).as("ended once").isTrue();
    }

    @Override
    public void failed(Throwable failure) {
      assertThat(ended.completeExceptionally(failure)).as("ended once").isTrue();
    }
  }
}
