package dev.parley.effect.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.actor.HubSettings;
import dev.parley.actor.SessionHub;
import dev.parley.actor.UserLimits;
import dev.parley.agent.AgentEvent;
import dev.parley.agent.Agents;
import dev.parley.agent.Agents.Hosted;
import dev.parley.agent.Agents.OnCrash;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.FinishReason;
import dev.parley.content.Usage;
import dev.parley.loop.Ids;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.store.CommitListener;
import dev.parley.store.EncodedFrame;
import dev.parley.store.InMemoryPages;
import dev.parley.store.InMemoryStore;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.InMemoryStore.CommitFault;
import dev.parley.store.Journal;
import dev.parley.store.PreparedAppend;
import dev.parley.store.SessionInfo;
import dev.parley.testing.ManualEventLoop;
import dev.parley.testing.Recorder;
import dev.parley.trace.Traces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/// Watches behind real sessions, over the store in memory and on a virtual clock. Every agent
/// answers with one word.
final class WatchWorld {
  static final Duration POLL = Duration.ofMillis(500);
  static final int LISTED = 5;
  static final int UNTOLD = 3;
  static final int BATCH = 2;
  static final String USER = "user";

  final ManualEventLoop loop;
  final InMemoryPages pages;
  final SessionWatches watches;
  final SessionHub hub;
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  final Deque<CommitFault> commitFaults = new ArrayDeque<>();

  /// How many wakes are lost next.
  int wakesLost;

  boolean away;
  Duration delay = Duration.ZERO;
  private int count;

  WatchWorld() {
    this(new ManualEventLoop());
  }

  WatchWorld(ManualEventLoop loop) {
    this.loop = loop;
    InMemoryStore store = new InMemoryStore(loop.sibling(), new Faults());
    pages = new InMemoryPages(store);
    watches =
        new SessionWatches(
            pages,
            _ -> loop,
            loop.sibling(),
            metrics,
            new SessionWatches.Settings(POLL, 10, LISTED, UNTOLD, BATCH));
    Journal journal =
        new Journal(loop.sibling(), store, new Wakes(), new Journal.Settings(256, 4 << 20, 3));
    hub =
        new SessionHub(
            store,
            journal,
            new SessionDecider(new SessionDecider.Limits(32, 4 << 20, 1 << 20), _ -> false),
            new Agents(Map.of("demo", new Hosted(_ -> answer(), OnCrash.INTERRUPT))),
            _ -> loop,
            new Counted(),
            "node",
            metrics,
            Traces.NONE,
            new HubSettings(
                100,
                64,
                8,
                50,
                50,
                1 << 20,
                Duration.ofMinutes(5),
                Duration.ofSeconds(60),
                Duration.ofMillis(100),
                Duration.ofSeconds(2),
                16,
                1 << 16,
                1 << 16,
                1 << 20,
                Duration.ofSeconds(30),
                10,
                Duration.ofSeconds(30)),
            new UserLimits(UserLimits.Settings.NONE, () -> 0));
    watches.start();
  }

  private static Multi<AgentEvent> answer() {
    return Multi.createFrom()
        .items(
            new AgentEvent.Said(new TextDelta("1", "word")),
            new AgentEvent.Finished(FinishReason.STOP, Usage.of(1, 2), "model", null));
  }

  private final class Faults implements InMemoryStore.Faults {
    @Override
    public CommitFault commit(List<PreparedAppend> batch) {
      CommitFault next = Objects.requireNonNullElse(commitFaults.poll(), CommitFault.NONE);
      return away ? CommitFault.LOST_BEFORE : next;
    }

    @Override
    public CallFault call() {
      return away ? CallFault.LOST_BEFORE : CallFault.NONE;
    }

    @Override
    public Duration delay() {
      return delay;
    }
  }

  private final class Wakes implements CommitListener {
    @Override
    public void committed(long sid, List<EncodedFrame> frames) {}

    @Override
    public void changed(SessionKey key, Instant at) {
      if (wakesLost > 0) {
        wakesLost--;
      } else {
        watches.changed(key, at);
      }
    }
  }

  private final class Counted implements Ids {
    @Override
    public String next() {
      return "%026d".formatted(++count);
    }

    @Override
    public UUID commit() {
      return new UUID(0, ++count);
    }
  }

  /// A session of the user, with all that comes of it; a moment later than the one before.
  SessionKey created() {
    SessionKey key = new SessionKey(USER, "demo", "t" + ++count);
    await(hub.create(key, null));
    return key;
  }

  void renamed(SessionKey key, String title) {
    await(hub.rename(key, title));
  }

  void said(SessionKey key) {
    await(send(key));
    loop.runUntilIdle();
  }

  Uni<?> send(SessionKey key) {
    return hub.send(key, "hello", null, null, WhenBusy.QUEUE, null);
  }

  <T> T await(Uni<T> call) {
    loop.advance(Duration.ofMillis(1));
    CompletableFuture<T> outcome = call.subscribeAsCompletionStage();
    loop.runUntil(outcome::isDone, Duration.ofSeconds(1));
    loop.runUntilIdle();
    return outcome.join();
  }

  /// Asks for something whose outcome does not matter.
  void ask(Uni<?> call) {
    call.subscribe().with(_ -> {}, _ -> {});
  }

  /// A client that asks for the next batch as soon as it has one.
  Recorder<List<SessionChange>> live() {
    return watched(
        new Recorder<List<SessionChange>>(1).reacting((self, _) -> self.request(1)), USER);
  }

  /// A client that asks for nothing but the first batch.
  Recorder<List<SessionChange>> slow() {
    return watched(new Recorder<>(1), USER);
  }

  Recorder<List<SessionChange>> watched(Recorder<List<SessionChange>> client, String userId) {
    watches.watch(userId).subscribe(client);
    loop.runUntilIdle();
    return client;
  }

  /// The user's sessions as the store has them, newest activity first.
  List<SessionInfo> stored() {
    return await(pages.sessions(USER, null, null, 1000)).orElseThrow().items();
  }

  SessionInfo stored(SessionKey key) {
    return stored().stream().filter(s -> s.key().equals(key)).findFirst().orElseThrow();
  }

  double rescued() {
    return metrics.get("parley.watch.rescued").counter().count();
  }

  double users() {
    return metrics.get("parley.watch.users").gauge().value();
  }

  /// Checks that the client, who has taken everything, shows what is stored.
  void assertTrue(Recorder<List<SessionChange>> client) {
    ListView view = ListView.of(client.items());
    List<SessionInfo> stored = stored();
    assertThat(stored).containsAll(view.sessions());
    assertThat(view.sessions()).containsAll(stored.stream().filter(view::reaches).toList());
  }
}
