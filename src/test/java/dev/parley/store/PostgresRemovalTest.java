package dev.parley.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.loop.EventLoop;
import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// PostgreSQL keeps the contract of removal.
@QuarkusTest
@TestProfile(PostgresEventStoreTest.Undisturbed.class)
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
final class PostgresRemovalTest extends RemovalContract {
  private static final long INDEX_BYTES_MIN = 1 << 20;

  @Inject EventStore store;
  @Inject Outbox outbox;
  @Inject Database database;
  @Inject Vertx vertx;

  private PostgresAccess access;

  @AfterEach
  void close() {
    access.close();
  }

  @Test
  void knowsEveryTableThatHoldsRowsOfSessions() {
    assertThat(
            access.texts(
                """
                SELECT table_name FROM information_schema.columns JOIN information_schema.tables
                 USING (table_schema, table_name)
                 WHERE table_schema = 'public' AND column_name = 'sid'
                   AND table_type = 'BASE TABLE' AND table_name <> 'sessions'
                """))
        .containsExactlyInAnyOrderElementsOf(PostgresRemoval.TABLES.keySet());
  }

  /// As when a node's clock went back between two turns.
  @Test
  void marksATurnWhoseFramesWentWithALaterOne() {
    Story story = talk("one", "two");
    List<Projection.TurnRow> turns = tables(story.sid()).turns();
    access.execute(
        """
        UPDATE turns SET completed_at = completed_at + interval '1 day'
         WHERE sid = %d AND turn_id = '%s'
        """
            .formatted(story.sid(), turns.getFirst().turnId().value()));
    Instant second = completedAt(turns.getLast());
    assertThat(frames(second.plusMillis(1), ALL).turns()).isEqualTo(1);
    assertThat(tables(story.sid()).frames()).isEmpty();
    assertThat(kept(story.sid())).containsExactly(turns.getFirst().turnId().value());
    assertThat(frames(LATER, ALL)).isEqualTo(new Removal.OldFrames(1, 0));
    assertThat(frames(LATER, ALL).isNothing()).isTrue();
  }

  @Test
  void makesTheIndexOfFramesAgainOnceItIsNearlyEmpty() {
    Story story = talk("one");
    access.execute("INSERT INTO frames SELECT -1, g, 'x' FROM generate_series(1, 100000) AS g");
    analyze();
    assertThat(outcome(removal().shrink())).isFalse();
    long full = indexBytes();
    assertThat(full).isGreaterThan(INDEX_BYTES_MIN);
    access.execute("DELETE FROM frames WHERE sid = -1");
    // What an attempt leaves that died: an index that is not valid.
    access.execute("CREATE UNIQUE INDEX frames_pkey_ccnew ON frames (sid, seq)");
    analyze();
    assertThat(outcome(removal().shrink())).isTrue();
    assertThat(indexBytes()).isLessThan(full / 4);
    assertThat(outcome(removal().shrink())).isFalse();
    assertThat(
            access.texts(
                "SELECT indexrelid::regclass::text FROM pg_index"
                    + " WHERE indrelid = 'frames'::regclass AND indisvalid"))
        .containsExactly("frames_pkey");
    assertThat(tables(story.sid()).frames()).isNotEmpty();
  }

  /// Counts what there is, so that the database knows.
  private void analyze() {
    access.execute("ANALYZE frames");
  }

  private long indexBytes() {
    return access.number("SELECT pg_relation_size('frames_pkey')");
  }

  @Override
  EventStore store() {
    return store;
  }

  @Override
  Outbox outbox() {
    return outbox;
  }

  @Override
  Removal removal() {
    return new PostgresRemoval(database, INDEX_BYTES_MIN);
  }

  @Override
  EventLoop loop() {
    access = new PostgresAccess(vertx);
    return access.loop();
  }

  @Override
  CommitLane lane() {
    return access.lane();
  }

  @Override
  <T> T outcome(Uni<T> uni) {
    return access.outcome(uni);
  }

  @Override
  Tables tables(long sid) {
    return access.tables(sid);
  }

  @Override
  List<String> kept(long sid) {
    return access.texts(
        "SELECT turn_id FROM turns WHERE frames_kept AND sid = %d ORDER BY first_frame"
            .formatted(sid));
  }

  @Override
  boolean holdsAnything(long sid) {
    return access.number("SELECT count(*) FROM sessions WHERE sid = " + sid) > 0
        || PostgresRemoval.TABLES.keySet().stream()
            .anyMatch(table ->
                access.number("SELECT count(*) FROM %s WHERE sid = %d".formatted(table, sid)) > 0);
  }
}
