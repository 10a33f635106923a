package dev.parley.app;

import dev.parley.log.Failures;
import dev.parley.log.FieldLog;
import dev.parley.log.Fields;
import dev.parley.loop.EventLoop;
import dev.parley.store.EventStore;
import dev.parley.store.PostgresRebuild;
import dev.parley.store.PostgresRebuild.Named;
import dev.parley.store.PostgresRebuild.Outcome;
import dev.parley.store.StoreUnavailableException;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.QuarkusApplication;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jboss.logging.Logger;

/// The operator's command `rebuild [SESSION_KEY]`: makes snapshots, read tables, lists and heads
/// again from the events. The start before it has taken the node's lock and migrated.
@Singleton
@Unremovable
final class RebuildCommand implements QuarkusApplication {
  private static final Logger LOG = Logger.getLogger(RebuildCommand.class);
  private static final FieldLog FIELDS = FieldLog.of(RebuildCommand.class);
  private static final int DONE = 0;
  private static final int FAILED = 1;

  private final PostgresRebuild rebuild;
  private final EventStore store;
  private final EventLoop background;
  private long sessions;
  private long events;
  private long failed;

  RebuildCommand(PostgresRebuild rebuild, EventStore store, EventLoop background) {
    this.rebuild = rebuild;
    this.store = store;
    this.background = background;
  }

  @Override
  public int run(String... args) {
    long begin = background.nanoTime();
    try {
      if (Task.of(args) instanceof Task.Rebuild(var key) && key != null) {
        OptionalLong sid = await(store.find(key));
        if (sid.isEmpty()) {
          LOG.fatalf("There is no session %s", key);
          return FAILED;
        }
        one(new Named(sid.getAsLong(), key));
      } else {
        all();
      }
    } catch (StoreUnavailableException e) {
      LOG.fatalf(
          "The database does not answer (%s). %d sessions were rebuilt, no session is half rebuilt:"
              + " run the command again.",
          e.getMessage(), sessions);
      return FAILED;
    }
    LOG.infof(
        "Rebuilt %d sessions from %d events in %s seconds; %d could not be read",
        sessions,
        events,
        Duration.ofNanos(background.nanoTime() - begin).toMillis() / 1000.0,
        failed);
    return failed == 0 ? DONE : FAILED;
  }

  private void all() {
    long last = 0;
    for (List<Named> page = page(last); !page.isEmpty(); page = page(last)) {
      page.forEach(this::one);
      last = page.getLast().sid();
    }
  }

  private List<Named> page(long afterSid) {
    return await(rebuild.sessions(afterSid));
  }

  private void one(Named session) {
    try {
      switch (await(rebuild.rebuild(session.sid()))) {
        case Outcome.Made(var read) when read == 0 -> {}
        case Outcome.Made(var read) -> {
          sessions++;
          events += read;
        }
        case Outcome.Unreadable(var why) -> failed(session, why);
      }
    } catch (StoreUnavailableException e) {
      throw e;
    } catch (RuntimeException defect) {
      failed(session, Failures.named(defect));
      LOG.debug("A defect was met", Failures.withoutMessages(defect));
    }
  }

  private void failed(Named session, String why) {
    failed++;
    FIELDS.errorf(
        Fields.ofSession(session.key().toString()),
        "Session %s cannot be rebuilt and is as it was: %s",
        session.key(),
        why);
  }

  /// Every statement is bounded by itself.
  private static <T> T await(Uni<T> uni) {
    return uni.await().indefinitely();
  }
}
