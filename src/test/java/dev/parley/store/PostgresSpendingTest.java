package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.Usage;
import dev.parley.loop.EventLoop;
import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// PostgreSQL keeps the contract of spending.
@QuarkusTest
@TestProfile(PostgresEventStoreTest.Undisturbed.class)
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
final class PostgresSpendingTest extends SpendingContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int RACES = 20;
  private static final int USERS = 30;

  @Inject EventStore store;
  @Inject Spending spending;
  @Inject Database database;
  @Inject Vertx vertx;

  private PostgresAccess access;

  /// Tests share the tables and the day.
  @BeforeEach
  void empty() {
    access.execute("DELETE FROM user_tokens");
  }

  @AfterEach
  void close() {
    access.close();
  }

  /// As when a statement in doubt goes on beside the next one. Each has the users in another order.
  @Test
  void neverLocksItselfOutHoweverUsersMeetInStatements() throws Exception {
    List<String> users = IntStream.range(0, USERS).mapToObj(_ -> user()).toList();
    try (PostgresAccess other = new PostgresAccess(vertx)) {
      for (int race = 0; race < RACES; race++) {
        List<PreparedAppend> one = new ArrayList<>();
        List<PreparedAppend> two = new ArrayList<>();
        for (String user : users) {
          one.add(ending(user));
          two.addFirst(ending(user));
        }
        CompletionStage<Integer> first = commit(access, one);
        CompletionStage<Integer> second = commit(other, two);
        assertThat(first).succeedsWithin(PATIENCE).isEqualTo(USERS);
        assertThat(second).succeedsWithin(PATIENCE).isEqualTo(USERS);
      }
    }
    assertThat(users).allMatch(user -> spent(user, NOON) == 2 * RACES * 10);
  }

  private PreparedAppend ending(String user) {
    Story story = streaming(user);
    return PreparedAppend.of(story.next(done(story, Usage.of(10, 0), NOON)));
  }

  private static CompletionStage<Integer> commit(PostgresAccess by, List<PreparedAppend> batch) {
    return Uni.createFrom()
        .<Integer>emitter(emitter ->
            by.loop()
                .execute(() ->
                    by.lane()
                        .commit(batch)
                        .subscribe()
                        .with(applied -> emitter.complete(applied.size()), emitter::fail)))
        .subscribeAsCompletionStage();
  }

  @Test
  void removesNoDayThatACommitHoldsAndDoesNotWaitForIt() throws SQLException {
    String held = user();
    String free = user();
    for (String user : List.of(held, free)) {
      Story story = streaming(user);
      apply(story.next(done(story, Usage.of(10, 0), NOON)));
    }
    try (Connection locker = access.anotherConnection();
        Statement statement = locker.createStatement()) {
      locker.setAutoCommit(false);
      var _ =
          statement.execute(
              "UPDATE user_tokens SET tokens = 11 WHERE user_id = '%s'".formatted(held));
      assertThat(outcome(removal().tokens(NOON.plusSeconds(86_400), ALL))).isEqualTo(1);
      locker.commit();
    }
    assertThat(spent(held, NOON)).isEqualTo(11);
    assertThat(spent(free, NOON)).isZero();
  }

  @Override
  EventStore store() {
    return store;
  }

  @Override
  Spending spending() {
    return spending;
  }

  @Override
  Removal removal() {
    return new PostgresRemoval(database, 1 << 20);
  }

  @Override
  CommitLane lane() {
    return access.lane();
  }

  /// Asked for first, before there is a journal.
  @Override
  EventLoop loop() {
    if (access == null) {
      access = new PostgresAccess(vertx);
    }
    return access.loop();
  }

  @Override
  <T> T outcome(Uni<T> uni) {
    return access.outcome(uni);
  }
}
