package dev.parley.effect.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.effect.discrete.Webhook.Answer;
import dev.parley.effect.discrete.Webhook.Post;
import dev.parley.testing.WebhookReceiver;
import dev.parley.testing.WebhookReceiver.Received;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The way out, against servers that are real, if not always well behaved.
final class VertxWebhookTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Vertx vertx = Vertx.vertx();
  private final VertxWebhook webhook = new VertxWebhook(vertx, 4);

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void postsBodyAndHeadersAndGivesTheStatus() {
    try (WebhookReceiver receiver = new WebhookReceiver()) {
      receiver.behave(_ -> 202);
      String body = "{\"text\":\"– ☃\"}".repeat(20_000);
      Post post =
          new Post(
              receiver.url("/hook?a=b"),
              Map.of("content-type", "application/json", "webhook-id", "e1"),
              body,
              PATIENCE);
      assertThat(answer(post)).isEqualTo(new Answer.Status(202));
      Received received = receiver.received().getFirst();
      assertThat(received.method()).isEqualTo("POST");
      assertThat(received.path()).isEqualTo("/hook?a=b");
      assertThat(received.body()).isEqualTo(body);
      assertThat(received.header("content-type")).isEqualTo("application/json");
      assertThat(received.header("webhook-id")).isEqualTo("e1");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 301, 302, 307, 308, 404, 500})
  void followsNoRedirectAndGivesEveryStatus(int status) {
    try (WebhookReceiver receiver = new WebhookReceiver()) {
      receiver.behave(_ -> status);
      assertThat(answer(post(receiver.url("/"), PATIENCE))).isEqualTo(new Answer.Status(status));
      assertThat(receiver.received()).extracting(Received::path).containsExactly("/");
    }
  }

  @Test
  void givesUpAServerThatDoesNotAnswerInTime() {
    CountDownLatch release = new CountDownLatch(1);
    try (WebhookReceiver receiver = new WebhookReceiver()) {
      receiver.behave(_ -> {
        release.await();
        return 200;
      });
      assertThat(answer(post(receiver.url("/"), SHORT))).isEqualTo(new Answer.None("timed out"));
      release.countDown();
    }
  }

  @Test
  void tellsThatNobodyListens() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    assertThat(answer(post(URI.create("http://127.0.0.1:" + port + "/"), PATIENCE)))
        .isEqualTo(new Answer.None("connection refused"));
  }

  @Test
  void tellsThatAHostDoesNotExist() {
    assertThat(answer(post(URI.create("http://no-such-host.invalid/"), PATIENCE)))
        .isEqualTo(new Answer.None("unknown host"));
  }

  @Test
  void tellsThatTheConnectionWasCutBeforeTheAnswer() throws Exception {
    try (Raw raw =
        new Raw(
            new ServerSocket(0, 1, InetAddress.getLoopbackAddress()),
            (socket, _) -> socket.getInputStream().read())) {
      assertThat(answer(post(raw.url("http"), PATIENCE)))
          .isEqualTo(new Answer.None("connection lost"));
    }
  }

  @Test
  void readsNoEndlessAnswer() throws Exception {
    AtomicBoolean cut = new AtomicBoolean();
    try (Raw raw =
        new Raw(
            new ServerSocket(0, 1, InetAddress.getLoopbackAddress()),
            (_, out) -> {
              out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
              byte[] junk = new byte[16 * 1024];
              try {
                for (; ; ) {
                  out.write(junk);
                }
              } catch (IOException e) {
                cut.set(true);
              }
            })) {
      assertThat(answer(post(raw.url("http"), PATIENCE))).isEqualTo(new Answer.Status(200));
      await().atMost(PATIENCE).untilTrue(cut);
    }
  }

  @Test
  void dropsAnAnswerThatDoesNotEndInTime() throws Exception {
    AtomicBoolean cut = new AtomicBoolean();
    try (Raw raw =
        new Raw(
            new ServerSocket(0, 1, InetAddress.getLoopbackAddress()),
            (socket, out) -> {
              out.write(
                  "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
              out.flush();
              InputStream in = socket.getInputStream();
              while (in.read() >= 0) {}
              cut.set(true);
            })) {
      assertThat(answer(post(raw.url("http"), SHORT))).isEqualTo(new Answer.Status(200));
      await().atMost(PATIENCE).untilTrue(cut);
    }
  }

  @Test
  void dropsTheConnectionOfAPostThatNobodyWantsAnyMore() throws Exception {
    CompletableFuture<Void> connected = new CompletableFuture<>();
    AtomicBoolean cut = new AtomicBoolean();
    try (Raw raw =
        new Raw(
            new ServerSocket(0, 1, InetAddress.getLoopbackAddress()),
            (socket, _) -> {
              InputStream in = socket.getInputStream();
              int first = in.read();
              connected.complete(null);
              while (first >= 0 && in.read() >= 0) {}
              cut.set(true);
            })) {
      Cancellable post =
          webhook.post(post(raw.url("http"), PATIENCE)).subscribe().with(_ -> cut.set(false));
      connected.get(20, TimeUnit.SECONDS);
      post.cancel();
      await().atMost(PATIENCE).untilTrue(cut);
    }
  }

  @Test
  void trustsNoServerThatNobodyVouchesFor(@TempDir Path dir) throws Exception {
    SSLServerSocketFactory tls = selfSigned(dir);
    try (Raw raw =
        new Raw(
            tls.createServerSocket(0, 1, InetAddress.getLoopbackAddress()),
            (socket, out) -> {
              int _ = socket.getInputStream().read();
              out.write(
                  "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
                      .getBytes(StandardCharsets.US_ASCII));
            })) {
      assertThat(answer(post(raw.url("https"), PATIENCE))).isEqualTo(new Answer.None("TLS failed"));
    }
  }

  @Test
  void keepsConnectionsForTheNextPost() {
    try (WebhookReceiver receiver = new WebhookReceiver()) {
      for (int i = 0; i < 20; i++) {
        assertThat(answer(post(receiver.url("/"), PATIENCE))).isEqualTo(new Answer.Status(200));
      }
      assertThat(receiver.received()).hasSize(20);
      assertThat(receiver.received().stream().map(Received::client).distinct()).hasSize(1);
    }
  }

  private Answer answer(Post post) {
    return webhook.post(post).await().atMost(PATIENCE);
  }

  private static Post post(URI url, Duration timeout) {
    return new Post(url, Map.of(), "{}", timeout);
  }

  /// A server without manners: what it does with its one connection is up to a test.
  private record Raw(ServerSocket server, Thread thread) implements AutoCloseable {
    private interface Manners {
      void serve(Socket socket, OutputStream out) throws IOException;
    }

    Raw(ServerSocket server, Manners manners) {
      this(
          server,
          Thread.ofVirtual()
              .start(() -> {
                try (Socket socket = server.accept()) {
                  manners.serve(socket, socket.getOutputStream());
                } catch (IOException e) {
                  // The client is gone, or the test is over.
                }
              }));
    }

    URI url(String scheme) {
      return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + "/");
    }

    @Override
    public void close() throws IOException {
      server.close();
      thread.interrupt();
    }
  }

  /// Makes TLS servers whose certificate fits their address and is signed by nobody but itself.
  private static SSLServerSocketFactory selfSigned(Path dir) throws Exception {
    Path store = dir.resolve("keys");
    char[] password = "password".toCharArray();
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "self",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-storepass",
                "password",
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    KeyStore keys = KeyStore.getInstance(store.toFile(), password);
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context.getServerSocketFactory();
  }
}
