package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.testing.ParleyProcess;
import dev.parley.testing.RawTcp;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bodies that do not come as they should, on every address that reads one, against the packaged
/// application.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpBodiesIT {
  private static final int STREAMS_MAX = 100;
  private static final long LIMIT_SECONDS = 20;

  private final Vertx vertx = Vertx.vertx();
  private final Path dataDir;
  private final ParleyProcess parley;

  HttpBodiesIT(@TempDir Path dataDir) {
    this.dataDir = dataDir;
    parley = ParleyProcess.start(dataDir, Map.of("PARLEY_RPC_BODY_TIMEOUT", "1s"));
  }

  /// Nothing of all this is an error of the server's.
  @AfterAll
  void stop() throws Exception {
    await(vertx.close());
    try {
      assertThat(parley.output()).doesNotContain("ERROR").doesNotContain("Exception");
    } finally {
      parley.close();
      ParleyProcess.stopDatabase(dataDir);
    }
  }

  static List<String> addresses() {
    return List.of(
        "/api/rpc",
        "/api/chat",
        "/api/chat/t/stop",
        "/api/sessions",
        "/api/sessions/ann:demo:t/messages",
        "/api/sessions/ann:demo:t/touch",
        "/api/effects/e/rerun");
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void refusesABodyOfMalformedChunks(String address) throws IOException {
    for (String chunks :
        List.of("zz\r\n\r\n", "-1\r\n\r\n", "5\r\n{\"conXX\r\n", "2\r\n{}\r\nffffffffff\r\n")) {
      try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
        tcp.send(head(address) + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
        assertThat(tcp.readUntil("never said"))
            .as(chunks)
            .startsWith("HTTP/1.1 400 ")
            .contains("application/problem+json");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void takesNoNoticeOfAClientThatGoesInMidBody(String address) throws Exception {
    try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
      tcp.send(head(address) + "Content-Length: 100\r\n\r\n{");
      tcp.reset();
    }
    HttpClientRequest request = half(address);
    await(request.connection().close());
    assertThat(parley.status("/q/health/ready")).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/nope", "/nope", "/q/health", "/api/sessions/ann:demo:t/events"})
  void cutsOffWhoDripsOnThoughNobodyReads(String address) throws Exception {
    for (String method : List.of("POST", "GET")) {
      try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
        tcp.send(
            head(address).replaceFirst("POST", method)
                + "Upgrade: websocket\r\nContent-Length: 1000\r\n\r\n");
        assertThat(tcp.dripUntilClosed(" ", Duration.ofMillis(100)))
            .startsWith("HTTP/1.1 ")
            .doesNotStartWith("HTTP/1.1 400 ");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ws", "/api/chat/ws?threadId=t"})
  void upgradesNoRequestThatHasABody(String address) throws Exception {
    for (String body : List.of("Content-Length: 1000", "Transfer-Encoding: chunked")) {
      for (String upgrade : List.of("Upgrade: websocket\r\nConnection: Upgrade\r\n", "")) {
        try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
          tcp.send(
              head(address).replaceFirst("POST", "GET")
                  + upgrade
                  + "Sec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  + body
                  + "\r\n\r\n");
          assertThat(tcp.dripUntilClosed(" ", Duration.ofMillis(100)))
              .startsWith("HTTP/1.1 400 ")
              .contains("application/problem+json");
        }
      }
    }
  }

  @Test
  void bidsNobodyGoWhoDoesNotKnowTheWord() throws IOException {
    try (RawTcp tcp = new RawTcp(parley.baseUrl())) {
      tcp.send(
          head("/api/sessions").replace("HTTP/1.1", "HTTP/1.0")
              + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");
      assertThat(tcp.readUntil("never said")).contains(" 400 ").doesNotContain(" 100 ");
    }
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void endsTheStreamOfABodyThatIsTooSlowAndNoOther(String address) throws Exception {
    HttpClient client = vertx.createHttpClient(http2());
    HttpClientRequest slow = half(client, address);
    Promise<Throwable> reset = Promise.promise();
    slow.exceptionHandler(reset::tryComplete);
    HttpClientResponse answer = await(slow.response());
    assertThat(answer.statusCode()).isEqualTo(408);
    assertThat(answer.getHeader("content-type")).isEqualTo("application/problem+json");
    // RFC 9113, section 8.1: no error, but no more of the body either.
    assertThat(await(reset.future()))
        .isInstanceOfSatisfying(
            StreamResetException.class, end -> assertThat(end.getCode()).isZero());
    assertThatThrownBy(() -> await(slow.write("more"))).isNotNull();
    HttpClientRequest other =
        await(
            client.request(
                HttpMethod.GET, parley.baseUrl().getPort(), "127.0.0.1", "/q/health/live"));
    assertThat(other.connection()).isSameAs(slow.connection());
    assertThat(await(other.send()).statusCode()).isEqualTo(200);
  }

  @Test
  void boundsTheStreamsOfAConnectionAndOutlivesTheirCommonEnd() throws Exception {
    HttpClient client = vertx.createHttpClient(http2());
    HttpClientRequest first = half(client, "/api/sessions");
    HttpConnection connection = first.connection();
    assertThat(connection.remoteSettings().getMaxConcurrentStreams()).isEqualTo(STREAMS_MAX);
    for (int i = 1; i < STREAMS_MAX; i++) {
      assertThat(half(client, "/api/sessions").connection()).isSameAs(connection);
    }
    Promise<Void> closed = Promise.promise();
    connection.closeHandler(closed::tryComplete);
    connection.goAway(1);
    Future<Void> _ = connection.close();
    await(closed.future());
    assertThat(parley.status("/q/health/ready")).isEqualTo(200);
  }

  private HttpClientRequest half(String address) throws Exception {
    return half(vertx.createHttpClient(http2()), address);
  }

  /// A POST over HTTP/2 whose body has begun.
  private HttpClientRequest half(HttpClient client, String address) throws Exception {
    HttpClientRequest request =
        await(client.request(HttpMethod.POST, parley.baseUrl().getPort(), "127.0.0.1", address));
    request.exceptionHandler(_ -> {});
    request.putHeader("content-type", "application/json").setChunked(true);
    await(request.write("{"));
    return request;
  }

  private static HttpClientOptions http2() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setHttp2ClearTextUpgrade(false);
  }

  private static String head(String address) {
    return "POST " + address + " HTTP/1.1\r\nHost: parley\r\nContent-Type: application/json\r\n";
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }
}
