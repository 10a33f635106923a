package dev.parley.store;

import dev.parley.app.TestLoops;
import dev.parley.loop.EventLoop;
import dev.parley.store.page.Pages;
import dev.parley.store.page.PostgresPages;
import dev.parley.store.page.TurnReader;
import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;

/// PostgreSQL keeps the contract of pages.
@QuarkusTest
@TestProfile(PostgresEventStoreTest.Undisturbed.class)
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
final class PostgresPagesTest extends PagesContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Inject EventStore store;
  @Inject Database database;
  @Inject ColdReads coldReads;
  @Inject Outbox outbox;
  @Inject Vertx vertx;

  @ConfigProperty(name = "quarkus.datasource.reactive.url")
  String reactiveUrl;

  @ConfigProperty(name = "quarkus.datasource.username")
  String user;

  @ConfigProperty(name = "quarkus.datasource.password")
  String password;

  private EventLoop loop;
  private PostgresLane lane;

  @AfterEach
  void close() {
    var _ = outcome(lane.close().replaceWith(0));
  }

  @Override
  EventStore store() {
    return store;
  }

  @Override
  Pages pages() {
    return new PostgresPages(database);
  }

  @Override
  EventLoop loop() {
    loop = TestLoops.make(vertx);
    return loop;
  }

  @Override
  TurnReader turnReader() {
    return new TurnReader(pages(), coldReads, outbox);
  }

  @Override
  CommitLane lane() {
    lane =
        new PostgresLane(
            new io.vertx.mutiny.core.Vertx(vertx),
            PgConnectOptions.fromUri(reactiveUrl).setUser(user).setPassword(password),
            loop,
            new PostgresLane.Settings(Duration.ofSeconds(5), Duration.ofHours(24)));
    return lane;
  }

  @Override
  <T> T outcome(Uni<T> uni) {
    return uni.await().atMost(PATIENCE);
  }

  @Override
  int walks() {
    return 10;
  }
}
