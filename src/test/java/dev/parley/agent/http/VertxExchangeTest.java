package dev.parley.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.http.client.HttpMethod;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.DefaultServerSentEventParser;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import dev.parley.agent.llm.Exchange;
import dev.parley.agent.llm.ProviderFailure;
import dev.parley.agent.llm.ProviderFailure.Kind;
import dev.parley.testing.ProviderStandIn;
import dev.parley.testing.ProviderStandIn.Asked;
import dev.parley.testing.ProviderStandIn.Script;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The way to a provider, against one that is real, if not always well behaved.
class VertxExchangeTest {
  private static final String STREAM = "text/event-stream";
  private static final int EVENT_BYTES = 100_000;
  private static final long ANSWER_BYTES = 100_000_000;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final ProviderStandIn provider = new ProviderStandIn();
  private final ProviderHttp http = http(4, 100);

  @AfterEach
  void close() throws Exception {
    provider.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void tellsWhoOverhearsFirst() {
    provider.behave(_ -> Script.answer(STREAM, "data: a\n\ndata: b\n\ndata: c\n\n").hold());
    Ear ear = new Ear(http);
    List<String> overheard = Collections.synchronizedList(new ArrayList<>());
    Boolean _ =
        value(() -> {
          ear.exchange.overhear(data -> {
            overheard.add(data + " after " + ear.events.size());
            if (data.equals("b")) {
              ear.exchange.close();
            }
          });
          ear.begin(provider.url(), new DefaultServerSentEventParser());
          return true;
        });
    await().until(() -> provider.asked().stream().anyMatch(Asked::isGone));
    assertThat(overheard).containsExactly("a after 0", "b after 1");
    assertThat(ear.events).containsExactly(new ServerSentEvent(null, "a"));
    assertThat(ear.failure).isNull();
  }

  @Test
  void asksAndTellsTheAnswerEventByEvent() {
    provider.behave(
        _ -> Script.answer(STREAM, "").sayInPieces("event: a\ndata: ü\n\ndata: [DONE]\n\n", 1));
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.events)
        .containsExactly(new ServerSentEvent("a", "ü"), new ServerSentEvent(null, "[DONE]"));
    assertThat(ear.opened).isEqualTo(200);
    assertThat(ear.closed).isTrue();
    assertThat(provider.asked())
        .singleElement()
        .satisfies(asked -> {
          assertThat(asked.path()).isEqualTo("/v1/messages");
          assertThat(asked.header("x-api-key")).isEqualTo("secret");
          assertThat(asked.body()).isEqualTo("{\"text\":\"☃\"}");
        });
  }

  @Test
  void tellsOfTheEndOfTheBytesAsALoss() {
    provider.behave(_ -> Script.answer(STREAM, "data: 1\n\n"));
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.LOST);
    assertThat(ear.closed).as("whoever takes that for an end, hears of it before").isTrue();
  }

  @Test
  void readsLinesForAParserOfTheirOwn() {
    provider.behave(_ -> Script.answer("application/x-ndjson", "{\"a\":1}\n{\"b\":2}\n"));
    Ear ear = ask(http, provider.url(), (_, _) -> {});
    ear.awaitEnd();
    assertThat(ear.events)
        .extracting(ServerSentEvent::data)
        .containsExactly("{\"a\":1}", "{\"b\":2}");
  }

  @Test
  void cutsTheConnectionBeforeAnAnswer() {
    for (Script silent :
        List.of(Script.of(200, Map.of()).hold(), Script.answer(STREAM, "").hold())) {
      provider.behave(_ -> silent);
      int before = provider.asked().size();
      Ear ear = ask();
      await().until(() -> provider.asked().size() > before);
      on(ear.exchange::close);
      assertThat(provider.asked().getLast().goneNanos()).isPositive();
      assertThat(ear.failure).isNull();
    }
  }

  @Test
  void cutsTheConnectionWhileNothingComes() {
    provider.behave(_ -> Script.answer(STREAM, "data: 1\n\n").hold());
    Ear ear = ask();
    await().until(() -> ear.events.size() == 1);
    on(ear.exchange::close);
    assertThat(provider.asked().getFirst().goneNanos()).isPositive();
    assertThat(ear.failure).isNull();
  }

  @Test
  void cutsTheConnectionWhileItIsNotWanted() {
    provider.behave(_ -> Script.answer(STREAM, "data: 1\n\n").hold());
    Ear ear = ask();
    await().until(() -> ear.events.size() == 1);
    on(() -> ear.exchange.want(false));
    on(ear.exchange::close);
    assertThat(provider.asked().getFirst().goneNanos()).isPositive();
  }

  @Test
  void connectsForNobodyThatHasGone() {
    Ear ear = new Ear(http);
    on(ear.exchange::close);
    on(() -> ear.begin(provider.url(), new DefaultServerSentEventParser()));
    Ear later = ask();
    later.awaitEnd();
    assertThat(provider.asked()).hasSize(1);
    assertThat(ear.failure).isNull();
  }

  @Test
  void slowsAProviderDownThatNobodyListensTo() {
    String event = "data: " + "x".repeat(10_000) + "\n\n";
    int count = 2_000;
    provider.behave(_ -> {
      Script script = Script.answer(STREAM, "");
      IntStream.range(0, count).forEach(_ -> script.say(event));
      return script;
    });
    Ear ear = new Ear(http);
    ear.wants = 3;
    on(() -> ear.begin(provider.url(), new DefaultServerSentEventParser()));
    await().until(() -> ear.events.size() == 3);
    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(20))
        .until(() -> provider.asked().getFirst().steps(), steps -> steps < count);
    assertThat(ear.events).hasSize(3);
    ear.wants = Integer.MAX_VALUE;
    on(() -> ear.exchange.want(true));
    ear.awaitEnd();
    assertThat(ear.events).hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({"401,", "429,7000", "529,7000", "500,", "302,"})
  void tellsARefusalWithWhenToAskAgain(int status, @Nullable Long millis) {
    Map<String, String> headers = millis == null ? Map.of() : Map.of("retry-after", "7");
    provider.behave(_ -> Script.of(status, headers).say("{\"error\":\"why\"}"));
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.failure())
        .satisfies(failure -> {
          assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
          assertThat(failure.statusCode()).isEqualTo(status);
          assertThat(failure.body()).isEqualTo("{\"error\":\"why\"}");
          assertThat(failure.retryAfter())
              .isEqualTo(millis == null ? null : Duration.ofMillis(millis));
          assertThat(failure).hasMessageNotContaining("why");
        });
    assertThat(ear.opened).isZero();
  }

  @Test
  void readsOnlyTheBeginningOfALongRefusal() {
    provider.behave(_ -> Script.of(500, Map.of()).say("x".repeat(100_000)).hold());
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.failure().body()).hasSize(16 * 1024);
    assertThat(provider.asked().getFirst().goneNanos()).isPositive();
  }

  @Test
  void tellsOfAConnectionThatIsLost() {
    provider.behave(_ -> Script.answer(STREAM, "data: 1\n\ndata: ha").cut());
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.LOST);
    assertThat(ear.events).hasSize(1);
    assertThat(ear.closed).isFalse();
  }

  @Test
  void tellsOfAConnectionThatIsLostBeforeAnAnswer() {
    provider.behave(_ -> Script.of(200, Map.of()).cut());
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.LOST);
  }

  @Test
  void tellsOfAProviderThatIsNotThere() throws IOException {
    URI nowhere;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nowhere = URI.create("http://127.0.0.1:" + taken.getLocalPort());
    }
    Ear ear = ask(http, nowhere, new DefaultServerSentEventParser());
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.UNREACHABLE);
    Ear odd = ask(http, URI.create("odd:nowhere"), new DefaultServerSentEventParser());
    odd.awaitEnd();
    assertThat(odd.kind()).isEqualTo(Kind.UNREACHABLE);
  }

  @Test
  void tellsOfAnEventThatCannotBeRead() {
    provider.behave(_ -> Script.answer(STREAM, "data: good\n\ndata: bad\n\ndata: x\n\n").hold());
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.UNREADABLE);
    assertThat(ear.events).hasSize(1);
    assertThat(provider.asked().getFirst().goneNanos()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "200, content-type: text/html, <html><body>welcome</body></html>",
    "200, content-type: application/json, '{\"choices\":[]}'",
    "200, content-type: text/event-stream; content-encoding: gzip, packed",
    "200, x: y, ''",
    "202, content-type: text/plain, accepted"
  })
  void tellsOfWhatIsNoAnswerOfAModel(int status, String headers, String body) {
    provider.behave(_ ->
        Script.of(
                status,
                Arrays.stream(headers.split("; "))
                    .map(header -> header.split(": "))
                    .collect(Collectors.toMap(header -> header[0], header -> header[1])))
            .say(body));
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.NO_ANSWER);
    assertThat(ear.closed).as("some models take it for the end of an answer").isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "text/html, false, NO_ANSWER",
    "text/html, true, NO_ANSWER",
    "application/x-ndjson, false, LOST",
    "application/x-ndjson; charset=utf-8, true, UNREADABLE"
  })
  void tellsOfLinesThatNoModelSaid(String type, boolean more, Kind kind) {
    provider.behave(_ -> Script.answer(type, more ? "bad\nbad\n" : "bad"));
    Ear ear = ask(http, provider.url(), (_, _) -> {});
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(kind);
  }

  @Test
  void tellsOfAnEventThatIsTooLarge() {
    provider.behave(_ -> Script.answer(STREAM, "data: " + "x".repeat(EVENT_BYTES)).hold());
    Ear ear = ask();
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.UNREADABLE);
    assertThat(provider.asked().getFirst().goneNanos()).isPositive();
  }

  @Test
  void tellsOfAnAnswerThatIsTooLarge() {
    ProviderHttp small =
        new ProviderHttp(
            vertx, new ProviderHttp.Settings(1, 1, Duration.ofSeconds(5), EVENT_BYTES, 100));
    provider.behave(_ -> Script.answer(STREAM, "data: x\n\n".repeat(20)).hold());
    Ear ear = ask(small, provider.url(), new DefaultServerSentEventParser());
    ear.awaitEnd();
    assertThat(ear.kind()).isEqualTo(Kind.UNREADABLE);
  }

  @Test
  void boundsConnectionsAndThoseThatWaitForOne() {
    ProviderHttp one = http(1, 1);
    provider.behave(_ -> Script.answer(STREAM, "").hold());
    Ear first = ask(one, provider.url(), new DefaultServerSentEventParser());
    await().until(() -> provider.asked().size() == 1);
    Ear second = ask(one, provider.url(), new DefaultServerSentEventParser());
    Ear third = ask(one, provider.url(), new DefaultServerSentEventParser());
    third.awaitEnd();
    assertThat(third.kind()).isEqualTo(Kind.BUSY);
    on(first.exchange::close);
    await().until(() -> provider.asked().size() == 2);
    assertThat(second.failure).isNull();
  }

  @Test
  void waitsForAConnectionOnlySoLong() {
    ProviderHttp one = http(1, 1, Duration.ofMillis(100));
    provider.behave(_ -> Script.answer(STREAM, "").hold());
    Ear first = ask(one, provider.url(), new DefaultServerSentEventParser());
    await().until(() -> provider.asked().size() == 1);
    Ear second = ask(one, provider.url(), new DefaultServerSentEventParser());
    second.awaitEnd();
    assertThat(second.kind()).isEqualTo(Kind.BUSY);
    assertThat(first.failure).isNull();
  }

  /// An answer that is whole and has not been read has no connection any more: it is another's.
  @Test
  void cutsNobodyElsesConnection() {
    ProviderHttp one = http(1, 1);
    provider.behave(_ ->
        provider.asked().size() == 1
            ? Script.answer(STREAM, "data: 1\n\ndata: 1\n\n")
            : Script.answer(STREAM, "data: 2\n\n").hold().say("data: 3\n\n"));
    Ear first = new Ear(one);
    first.wants = 1;
    on(() -> first.begin(provider.url(), new DefaultServerSentEventParser()));
    await().until(() -> first.events.size() == 1);
    Ear second = ask(one, provider.url(), new DefaultServerSentEventParser());
    await().until(() -> second.events.size() == 1);
    on(first.exchange::close);
    provider.asked().getLast().release();
    second.awaitEnd();
    assertThat(second.events).hasSize(2);
    assertThat(provider.asked()).hasSize(2);
    assertThat(provider.connections()).isEqualTo(1);
  }

  @Test
  void usesAConnectionAgain() {
    provider.behave(_ -> Script.answer(STREAM, "data: 1\n\n"));
    ProviderHttp one = http(1, 1);
    for (int i = 0; i < 3; i++) {
      Ear ear = ask(one, provider.url(), new DefaultServerSentEventParser());
      ear.awaitEnd();
      assertThat(ear.events).hasSize(1);
    }
    assertThat(provider.connections()).isEqualTo(1);
  }

  @Test
  void isForOneRequest() {
    Ear ear = ask();
    ear.awaitEnd();
    assertThatThrownBy(
            () -> on(() -> ear.begin(provider.url(), new DefaultServerSentEventParser())))
        .hasRootCauseInstanceOf(IllegalStateException.class);
  }

  private ProviderHttp http(int connectionsMax, int waitingMax) {
    return http(connectionsMax, waitingMax, Duration.ofSeconds(5));
  }

  private ProviderHttp http(int connectionsMax, int waitingMax, Duration connectTimeout) {
    return new ProviderHttp(
        vertx,
        new ProviderHttp.Settings(
            connectionsMax, waitingMax, connectTimeout, EVENT_BYTES, ANSWER_BYTES));
  }

  private Ear ask() {
    return ask(http, provider.url(), new DefaultServerSentEventParser());
  }

  private Ear ask(ProviderHttp through, URI url, ServerSentEventParser parser) {
    Ear ear = new Ear(through);
    on(() -> ear.begin(url, parser));
    return ear;
  }

  private void on(Runnable task) {
    value(() -> {
      task.run();
      return true;
    });
  }

  private <T> T value(Supplier<T> task) {
    CompletableFuture<T> done = new CompletableFuture<>();
    context.runOnContext(_ -> {
      try {
        done.complete(task.get());
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    return done.orTimeout(20, TimeUnit.SECONDS).join();
  }

  /// Who listens to an exchange.
  private final class Ear implements ServerSentEventListener {
    final Exchange exchange;
    final List<ServerSentEvent> events = Collections.synchronizedList(new ArrayList<>());
    volatile int wants = Integer.MAX_VALUE;
    volatile int opened;
    volatile boolean closed;
    volatile @Nullable Throwable failure;

    Ear(ProviderHttp through) {
      exchange = value(through::exchange);
    }

    void begin(URI url, ServerSentEventParser parser) {
      HttpRequest request =
          HttpRequest.builder()
              .method(HttpMethod.POST)
              .url(url + "/v1/messages")
              .addHeader("x-api-key", "secret")
              .body("{\"text\":\"☃\"}")
              .build();
      exchange.client().build().execute(request, parser, this);
    }

    void awaitEnd() {
      await().atMost(Duration.ofSeconds(20)).until(() -> failure != null);
    }

    ProviderFailure failure() {
      Throwable told = Objects.requireNonNull(failure);
      assertThat(told).isInstanceOf(ProviderFailure.class);
      return (ProviderFailure) told;
    }

    Kind kind() {
      return failure().kind();
    }

    @Override
    public void onOpen(SuccessfulHttpResponse response) {
      opened = response.statusCode();
    }

    @Override
    public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
      if (event.data().equals("bad")) {
        throw new IllegalArgumentException("not its format");
      }
      assertThat(failure).isNull();
      events.add(event);
      if (events.size() >= wants) {
        exchange.want(false);
      }
    }

    @Override
    public void onError(Throwable given) {
      assertThat(failure).as("told once").isNull();
      failure = given;
    }

    @Override
    public void onClose() {
      closed = true;
    }
  }
}
