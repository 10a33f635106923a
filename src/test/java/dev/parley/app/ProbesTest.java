package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// The probes tell the truth (requirement M3).
@QuarkusTest
@TestProfile(ProbesTest.Impatient.class)
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
final class ProbesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Inject Vertx vertx;

  @TestHTTPResource("/q/health/")
  URI probes;

  /// Gives a loop up soon.
  public static final class Impatient implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("parley.health.loop-silence-max", "2s");
    }
  }

  @Test
  void areUpWhileAllIsWell() throws Exception {
    for (String probe : new String[] {"live", "ready", "started"}) {
      Awaitility.await().atMost(PATIENCE).until(() -> ask(probe).startsWith("200"));
    }
    assertThat(ask("live")).contains("event loops", "sessions");
    assertThat(ask("started")).contains("\"start\"");
  }

  @Test
  void tellsOfAWedgedLoopAndOfItsRecovery() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    try {
      VertxEventLoops.make(vertx)
          .execute(() -> {
            try {
              boolean _ = free.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> {
            String told = ask("live");
            return told.startsWith("503") && told.contains("has not run for");
          });
      Awaitility.await().atMost(PATIENCE).until(() -> ask("ready").startsWith("200"));
    } finally {
      free.countDown();
    }
    Awaitility.await().atMost(PATIENCE).until(() -> ask("live").startsWith("200"));
  }

  /// Over a connection of its own: one that comes to the wedged loop is not answered.
  private String ask(String probe) throws InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(probes.resolve(probe))
              .timeout(Duration.ofSeconds(2))
              .version(HttpClient.Version.HTTP_1_1)
              .build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    } catch (IOException e) {
      return "no answer";
    }
  }
}
