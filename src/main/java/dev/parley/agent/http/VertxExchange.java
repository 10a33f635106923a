package dev.parley.agent.http;

import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.DefaultServerSentEventParser;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import dev.langchain4j.http.client.sse.ServerSentEventParsingHandle;
import dev.parley.agent.http.EventReader.Format;
import dev.parley.agent.llm.Exchange;
import dev.parley.agent.llm.ProviderFailure;
import dev.parley.agent.llm.ProviderFailure.Kind;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An exchange over the HTTP client of Vert.x, on the context that it was made on.
final class VertxExchange implements Exchange {
  /// Of the answer that a refusal is: what it is about stands at its beginning.
  private static final int REFUSAL_BYTES_MAX = 16 * 1024;

  private static final int STATUS_OK = 200;
  private static final int STATUS_REDIRECTED = 300;

  private final HttpClient http;
  private final Context context;
  private final ProviderHttp.Settings settings;
  private final Deque<ServerSentEvent> events = new ArrayDeque<>();
  private Consumer<String> overheard = _ -> {};
  private @Nullable Answer answer;
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private long received;
  private boolean wanted = true;
  private boolean pumping;
  private boolean fetching;
  private boolean whole;
  private boolean over;
  private boolean closed;

  /// The answer says of itself that it is of the kind that was asked for.
  private boolean announced;

  /// The model has understood an event.
  private boolean understood;

  /// Who hears of the answer, and how it is read.
  private record Answer(ServerSentEventListener listener, Format format, EventReader reader) {}

  VertxExchange(HttpClient http, Context context, ProviderHttp.Settings settings) {
    this.http = http;
    this.context = context;
    this.settings = settings;
  }

  @Override
  public HttpClientBuilder client() {
    return new Client();
  }

  @Override
  public void overhear(Consumer<String> told) {
    overheard = told;
  }

  @Override
  public void want(boolean wanted) {
    this.wanted = wanted;
    pump();
  }

  @Override
  public void close() {
    closed = true;
    if (over) {
      return;
    }
    over = true;
    events.clear();
    leave();
  }

  /// Cuts the connection unless the answer is whole by now, as it may be without having been read:
  /// the client gives such a connection to the next exchange, and a reset would cut that one off.
  private void leave() {
    HttpClientRequest asked = request;
    HttpClientResponse given = response;
    if (asked == null || whole) {
      return;
    }
    if (given == null) {
      boolean _ = asked.reset();
      return;
    }
    given.handler(_ -> {});
    given.endHandler(_ -> whole = true);
    given.resume();
    context.runOnContext(_ -> {
      if (!whole) {
        boolean _ = asked.reset();
      }
    });
  }

  private void begin(
      HttpRequest asked, ServerSentEventParser parser, ServerSentEventListener told) {
    if (answer != null) {
      throw new IllegalStateException("an exchange is for one request");
    }
    // the library's own way to say that a provider writes one event on each line
    Format format =
        parser instanceof DefaultServerSentEventParser ? Format.EVENT_STREAM : Format.LINES;
    answer = new Answer(told, format, new EventReader(format, settings.eventBytesMax()));
    if (over) {
      return;
    }
    RequestOptions options;
    try {
      options = options(asked);
    } catch (RuntimeException noUrl) {
      context.runOnContext(_ -> fail(ProviderFailure.of(Kind.UNREACHABLE)));
      return;
    }
    http.request(options)
        .onSuccess(opened -> connected(opened, asked.body()))
        .onFailure(failure ->
            fail(
                ProviderFailure.of(
                    failure instanceof ConnectionPoolTooBusyException
                            || failure instanceof TimeoutException
                        ? Kind.BUSY
                        : Kind.UNREACHABLE)));
  }

  private RequestOptions options(HttpRequest asked) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(asked.method().name()))
            .setAbsoluteURI(asked.url())
            .setFollowRedirects(false)
            .setConnectTimeout(ProviderHttp.millis(settings.placeWait()));
    asked
        .headers()
        .forEach((name, values) -> values.forEach(value -> options.addHeader(name, value)));
    return options;
  }

  private void connected(HttpClientRequest opened, String body) {
    request = opened;
    if (over) {
      boolean _ = opened.reset();
      return;
    }
    opened
        .send(Buffer.buffer(body))
        .onSuccess(this::responded)
        .onFailure(_ -> fail(ProviderFailure.of(Kind.LOST)));
  }

  private void responded(HttpClientResponse given) {
    if (over) {
      return;
    }
    response = given;
    int status = given.statusCode();
    given.exceptionHandler(_ -> lost());
    if (status < STATUS_OK || status >= STATUS_REDIRECTED) {
      refused(given);
      return;
    }
    // nobody has asked for an encoding
    announced =
        given.getHeader(HttpHeaders.CONTENT_ENCODING) == null
            && begun().format().isSaidBy(given.getHeader(HttpHeaders.CONTENT_TYPE));
    given.pause();
    given.handler(this::received);
    given.endHandler(_ -> ended());
    listener()
        .onOpen(
            SuccessfulHttpResponse.builder()
                .statusCode(status)
                .headers(headers(given.headers()))
                .build());
    pump();
  }

  private void refused(HttpClientResponse given) {
    Buffer body = Buffer.buffer();
    Duration retryAfter = RetryAfter.of(given.headers(), Instant.now());
    Runnable told =
        () -> fail(ProviderFailure.refused(given.statusCode(), body.toString(), retryAfter));
    given.endHandler(_ -> {
      whole = true;
      told.run();
    });
    given.handler(bytes -> {
      int room = REFUSAL_BYTES_MAX - body.length();
      body.appendBuffer(bytes, 0, Math.min(room, bytes.length()));
      if (body.length() == REFUSAL_BYTES_MAX) {
        told.run();
      }
    });
  }

  private void received(Buffer bytes) {
    fetching = false;
    received += bytes.length();
    try {
      if (received > settings.answerBytesMax()) {
        throw ProviderFailure.of(Kind.UNREADABLE);
      }
      events.addAll(reader().read(bytes.getBytes()));
    } catch (ProviderFailure unreadable) {
      fail(unreadable);
      return;
    }
    pump();
  }

  private void ended() {
    events.addAll(reader().end());
    whole = true;
    pump();
  }

  private void lost() {
    if (!whole) {
      fail(ProviderFailure.of(Kind.LOST));
    }
  }

  /// Tells what there is, and reads on, as far as it is wanted.
  private void pump() {
    if (pumping || response == null) {
      return;
    }
    pumping = true;
    try {
      while (wanted && !over && !events.isEmpty()) {
        tell(events.remove());
      }
    } finally {
      pumping = false;
    }
    if (over || !wanted) {
      return;
    }
    if (whole) {
      finish();
    } else if (!fetching) {
      fetching = true;
      response.fetch(1);
    }
  }

  private void tell(ServerSentEvent event) {
    try {
      overheard.accept(event.data());
      if (!over) {
        listener().onEvent(event, new ServerSentEventContext(new Handle()));
      }
      understood = true;
    } catch (RuntimeException notItsFormat) {
      // the last line of an answer that broke off is half a line
      ProviderFailure failure = broken(whole && events.isEmpty() ? Kind.LOST : Kind.UNREADABLE);
      failure.addSuppressed(notItsFormat);
      fail(failure);
    }
  }

  /// The end of the bytes is no end of an answer: that is an event of its own, and nobody hears
  /// what comes after it.
  private void finish() {
    ProviderFailure failure = broken(Kind.LOST);
    over = true;
    if (failure.kind() == Kind.LOST) {
      // some models take it for the end of their answer
      listener().onClose();
    }
    listener().onError(failure);
  }

  /// What neither looks like an answer nor says of itself that it is one comes from something that
  /// is no model.
  private ProviderFailure broken(Kind kind) {
    return ProviderFailure.of(understood || announced ? kind : Kind.NO_ANSWER);
  }

  private void fail(ProviderFailure failure) {
    if (!over) {
      close();
      listener().onError(failure);
    }
  }

  private ServerSentEventListener listener() {
    return begun().listener();
  }

  private EventReader reader() {
    return begun().reader();
  }

  private Answer begun() {
    if (answer == null) {
      throw new IllegalStateException("an exchange that has not begun");
    }
    return answer;
  }

  private static Map<String, List<String>> headers(MultiMap given) {
    Map<String, List<String>> headers = new HashMap<>();
    given.names().forEach(name -> headers.put(name, given.getAll(name)));
    return headers;
  }

  /// What the library closes an exchange by.
  private final class Handle implements ServerSentEventParsingHandle {
    @Override
    public void cancel() {
      close();
    }

    @Override
    public boolean isCancelled() {
      return closed;
    }
  }

  /// The library's way to an HTTP client. Its times are not used: a connection's is that of the
  /// settings, and how long an agent may be silent is the session's business.
  private final class Client implements HttpClientBuilder, dev.langchain4j.http.client.HttpClient {
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
    public dev.langchain4j.http.client.HttpClient build() {
      return this;
    }

    /// @throws UnsupportedOperationException always: answers are streamed
    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
      throw new UnsupportedOperationException("answers are streamed");
    }

    @Override
    public void execute(
        HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
      begin(request, parser, listener);
    }
  }
}
