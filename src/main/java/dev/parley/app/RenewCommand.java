package dev.parley.app;

import dev.parley.loop.EventLoop;
import dev.parley.loop.Ids;
import dev.parley.session.Command;
import dev.parley.session.Decision;
import dev.parley.session.Incarnation;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionState;
import dev.parley.store.Append;
import dev.parley.store.AppendResult;
import dev.parley.store.EventStore;
import dev.parley.store.Journal;
import dev.parley.store.PostgresRebuild;
import dev.parley.store.PostgresRebuild.Named;
import dev.parley.store.StoreUnavailableException;
import dev.parley.store.StoredSession;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.QuarkusApplication;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;

/// The operator's command `renew-incarnations`, for after a backup was restored: gives every
/// session a new incarnation, so that no client's cursor of before fits the restored numbers. The
/// start before it has taken the node's lock and migrated. Running it again does no harm: cursors
/// are reset once more.
@Singleton
@Unremovable
final class RenewCommand implements QuarkusApplication {
  private static final Logger LOG = Logger.getLogger(RenewCommand.class);
  private static final int DONE = 0;
  private static final int FAILED = 1;

  /// Sessions at a time: as many as go into one commit, more or less.
  private static final int TOGETHER_MAX = 64;

  private final PostgresRebuild sessions;
  private final EventStore store;
  private final Journal journal;
  private final SessionDecider decider;
  private final Ids ids;
  private final EventLoop background;
  private final String node;
  private long renewed;
  private long failed;

  /// How one session was met.
  private enum Outcome {
    RENEWED,
    /// It was deleted, or never used.
    ABSENT,
    FAILED
  }

  RenewCommand(
      PostgresRebuild sessions,
      EventStore store,
      Journal journal,
      SessionDecider decider,
      Ids ids,
      EventLoop background) {
    this.sessions = sessions;
    this.store = store;
    this.journal = journal;
    this.decider = decider;
    this.ids = ids;
    this.background = background;
    this.node = "renew-" + ids.next();
  }

  @Override
  public int run(String... args) {
    long begin = background.nanoTime();
    try {
      long last = 0;
      for (List<Named> page = page(last); !page.isEmpty(); page = page(last)) {
        await(all(page)).forEach(this::count);
        last = page.getLast().sid();
      }
    } catch (StoreUnavailableException e) {
      LOG.fatalf(
          "The database does not answer (%s). %d sessions have new incarnations: run the command"
              + " again.",
          e.getMessage(), renewed);
      return FAILED;
    }
    LOG.infof(
        "Gave %d sessions new incarnations in %s seconds; %d could not get one",
        renewed, Duration.ofNanos(background.nanoTime() - begin).toMillis() / 1000.0, failed);
    return failed == 0 ? DONE : FAILED;
  }

  private List<Named> page(long afterSid) {
    return await(sessions.sessions(afterSid));
  }

  private Uni<List<Outcome>> all(List<Named> page) {
    return Multi.createFrom()
        .iterable(page)
        .onItem()
        .transformToUni(this::one)
        .merge(TOGETHER_MAX)
        .collect()
        .asList();
  }

  private void count(Outcome outcome) {
    switch (outcome) {
      case RENEWED -> renewed++;
      case FAILED -> failed++;
      case ABSENT -> {}
    }
  }

  private Uni<Outcome> one(Named session) {
    return store
        .claim(session.sid(), node)
        .flatMap(epoch ->
            epoch.isEmpty()
                ? Uni.createFrom().item(Outcome.ABSENT)
                : store.load(session.sid()).flatMap(this::renew))
        .onFailure(failure -> !(failure instanceof StoreUnavailableException))
        .recoverWithItem(failure -> {
          LOG.errorf(
              "Session %s has no new incarnation: %s",
              session.key(), failure.getClass().getSimpleName());
          return Outcome.FAILED;
        });
  }

  private Uni<Outcome> renew(StoredSession stored) {
    if (!(stored.state() instanceof SessionState.Present present)) {
      return Uni.createFrom().item(Outcome.ABSENT);
    }
    Command renew = new Command.RenewIncarnation(new Incarnation(ids.next()), background.now());
    Decision.Accepted accepted =
        (Decision.Accepted) decider.decide(present.core().key(), present, renew);
    return journal
        .append(
            new Append(
                stored.sid(),
                stored.epoch(),
                ids.commit(),
                present,
                accepted.after(),
                accepted.events(),
                accepted.frames(),
                accepted.effects(),
                true,
                stored.checkpoint(),
                null))
        .map(result ->
            switch (result) {
              case AppendResult.Applied _ -> Outcome.RENEWED;
              case AppendResult.Refused _, AppendResult.Missed _ ->
                  throw new IllegalStateException("the append was not applied");
              case AppendResult.Unknown _ ->
                  throw new StoreUnavailableException("a commit was not answered", null);
            });
  }

  /// Every statement is bounded by itself.
  private static <T> T await(Uni<T> uni) {
    return Objects.requireNonNull(uni.await().indefinitely());
  }
}
