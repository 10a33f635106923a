package dev.parley.effect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.Usage;
import dev.parley.session.Command;
import dev.parley.session.Command.NewTurn;
import dev.parley.session.Decision;
import dev.parley.session.Frame;
import dev.parley.session.Incarnation;
import dev.parley.session.SessionDecider;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.store.Append;
import dev.parley.store.AppendResult;
import dev.parley.store.EncodedFrame;
import dev.parley.store.InMemoryRemoval;
import dev.parley.store.InMemoryStore;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.Journal;
import dev.parley.store.Outbox;
import dev.parley.store.PreparedAppend;
import dev.parley.store.SessionReader;
import dev.parley.store.json.FrameJson;
import dev.parley.testing.ManualEventLoop;
import dev.parley.testing.Recorder;
import dev.parley.trace.MessageTrace;
import dev.parley.trace.OpenTraces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A runner between the real journal and clients, over the store in memory and on a virtual clock.
/// The session in it is told by hand what its agent says.
final class EffectWorld {
  static final Duration POLL = Duration.ofMillis(500);
  static final Duration LEDGER = Duration.ofMillis(250);
  static final int RING = 64;
  static final int JOINED_BYTES = 200;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  final ManualEventLoop loop;
  final InMemoryStore store;
  final Watched outbox;
  final EffectRunner runner;
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  final List<MessageTrace> traced = new ArrayList<>();
  final OpenTraces traces;
  final SessionKey key = new SessionKey("user", "demo", "t");

  /// How many wakes are lost next.
  int wakesLost;

  boolean away;
  Duration delay = Duration.ZERO;

  private final SessionDecider decider =
      new SessionDecider(new SessionDecider.Limits(32, 4 << 20, 16 * 1024 * 1024), _ -> false);
  private final Journal journal;
  private final Deque<Command> waiting = new ArrayDeque<>();
  private final Deque<Runnable> held = new ArrayDeque<>();
  final long sid;
  private final long epoch;
  private SessionState state = new SessionState.Absent();
  private boolean committing;
  private boolean holding;
  private int count;

  /// The outbox, with what was asked of it.
  static final class Watched implements Outbox {
    final List<Map<Long, Long>> delivered = new ArrayList<>();

    /// Frames below are not kept any more.
    long keptFrom;

    int pages;
    int framesRead;

    /// The session's rows are gone.
    boolean removed;

    private final Outbox outbox;

    Watched(Outbox outbox) {
      this.outbox = outbox;
    }

    @Override
    public Uni<List<EncodedFrame>> frames(long sid, long afterSeq, int framesMax, int bytesMax) {
      pages++;
      if (removed) {
        return Uni.createFrom().item(List.of());
      }
      return outbox
          .frames(sid, afterSeq, framesMax, bytesMax)
          .map(page -> page.stream().filter(frame -> frame.seq() >= keptFrom).toList())
          .invoke(page -> framesRead += page.size());
    }

    @Override
    public Uni<Map<Long, Long>> heads(Collection<Long> sids) {
      return removed ? Uni.createFrom().item(Map.of()) : outbox.heads(sids);
    }

    @Override
    public Uni<Void> delivered(Map<Long, Long> seqs) {
      delivered.add(Map.copyOf(seqs));
      return outbox.delivered(seqs);
    }
  }

  EffectWorld() {
    this(new ManualEventLoop());
  }

  EffectWorld(ManualEventLoop loop) {
    this.loop = loop;
    store =
        new InMemoryStore(
            loop.sibling(),
            new InMemoryStore.Faults() {
              @Override
              public CallFault call() {
                return away ? CallFault.LOST_BEFORE : CallFault.NONE;
              }

              @Override
              public Duration delay() {
                return delay;
              }
            });
    outbox = new Watched(store);
    traces = new OpenTraces(loop::nanoTime, traced::add);
    runner =
        new EffectRunner(
            new SessionReader(store, store),
            outbox,
            _ -> loop,
            loop.sibling(),
            metrics,
            traces,
            new EffectRunner.Settings(
                POLL,
                10,
                RING,
                512 * 1024,
                2,
                Duration.ofSeconds(20),
                1024,
                256 * 1024,
                16,
                JOINED_BYTES,
                LEDGER));
    journal =
        new Journal(
            loop.sibling(), this::commit, this::committed, new Journal.Settings(256, 4 << 20, 3));
    sid = await(store.reserve(key));
    epoch = await(store.claim(sid, "node-1").map(OptionalLong::orElseThrow));
    tell(new Command.Create(key, new Incarnation("inc"), null, loop.now()));
    tell(
        new Command.Send(
            new UserMessage(new MessageId("m"), "hello", null, null, loop.now()),
            Command.WhenBusy.QUEUE,
            null,
            newTurn()));
    loop.runUntilIdle();
  }

  /// The session's agent says so, once what it said before is committed.
  void say(Content... said) {
    SessionState.Streaming streaming = (SessionState.Streaming) state;
    tell(
        new Command.AgentOutput(
            streaming.turn().turnId(), List.of(said), null, newTurn(), loop.now()));
  }

  void say(String text) {
    say(new TextDelta("1", text));
  }

  /// As [#say], with everything that comes of it.
  void said(String text) {
    say(text);
    loop.runUntilIdle();
  }

  /// The agent is done, with everything that comes of it.
  void done() {
    SessionState.Streaming streaming = (SessionState.Streaming) state;
    tell(
        new Command.AgentDone(
            streaming.turn().turnId(),
            FinishReason.STOP,
            Usage.NONE,
            null,
            null,
            newTurn(),
            loop.now()));
    loop.runUntilIdle();
  }

  /// A turn begins.
  void asked(String content) {
    tell(
        new Command.Send(
            new UserMessage(new MessageId("m" + ++count), content, null, null, loop.now()),
            Command.WhenBusy.QUEUE,
            null,
            newTurn()));
    loop.runUntilIdle();
  }

  /// Every turn that has ended is old: its frames go.
  void letFramesGo() {
    var _ =
        await(
            new InMemoryRemoval(store)
                .frames(loop.now().plusSeconds(1), Integer.MAX_VALUE, Integer.MAX_VALUE));
  }

  /// The session is deleted.
  void deleted() {
    tell(new Command.Delete(loop.now()));
    loop.runUntilIdle();
  }

  long head() {
    List<String> stored = store.frames(sid);
    return stored.isEmpty() ? state.frameSeq() : tree(stored.getLast()).path("seq").asLong();
  }

  /// The first frame that is stored.
  long kept() {
    return head() - store.frames(sid).size() + 1;
  }

  /// What the agent has said in frames that are stored, from one after `seq` on.
  String textAfter(long seq) {
    StringBuilder text = new StringBuilder();
    List<String> stored = store.frames(sid);
    for (String json : stored.subList((int) (seq + 1 - kept()), stored.size())) {
      if (FrameJson.decode(json) instanceof Frame.StreamEvent(var _, TextDelta delta)) {
        text.append(delta.delta());
      }
    }
    return text.toString();
  }

  /// A client that asks for the next batch as soon as it has one.
  Recorder<Delivery> live() {
    return subscribed(new Recorder<Delivery>(1).reacting((self, _) -> self.request(1)), null, null);
  }

  /// A client that asks for a first batch only.
  Recorder<Delivery> slow() {
    return subscribed(new Recorder<>(1), null, null);
  }

  Recorder<Delivery> resumed(long afterSeq, @Nullable String incarnation) {
    return subscribed(
        new Recorder<Delivery>(1).reacting((self, _) -> self.request(1)), afterSeq, incarnation);
  }

  Recorder<Delivery> subscribed(
      Recorder<Delivery> client, @Nullable Long afterSeq, @Nullable String incarnation) {
    runner.subscribe(key, afterSeq, incarnation).subscribe(client);
    return client;
  }

  double rescued() {
    return metrics.get("parley.effects.rescued").counter().count();
  }

  double watched() {
    return metrics.get("parley.effects.watched.sessions").gauge().value();
  }

  void hold() {
    holding = true;
  }

  void release() {
    holding = false;
    while (!held.isEmpty()) {
      held.remove().run();
    }
    loop.runUntilIdle();
  }

  static List<JsonNode> values(Recorder<Delivery> client) {
    return client.items().stream()
        .flatMap(batch -> batch.values().stream())
        .map(EffectWorld::tree)
        .toList();
  }

  /// Checks that what came after the initial state is whole and without doubles, and that it says
  /// what is stored.
  ///
  /// @param after the cursor it began with
  void assertWhole(Recorder<Delivery> client, long after) {
    List<JsonNode> values = values(client);
    assertThat(values.getFirst().path("_tag").asText()).isEqualTo("InitialState");
    long cursor = after;
    StringBuilder text = new StringBuilder();
    for (JsonNode value : values.subList(1, values.size())) {
      long seq = value.path("seq").asLong();
      assertThat(value.path("firstSeq").asLong(seq)).isEqualTo(cursor + 1);
      assertThat(seq).isGreaterThan(cursor);
      cursor = seq;
      text.append(value.path("event").path("delta").asText());
    }
    assertThat(cursor).isEqualTo(head());
    assertThat(client.items().getLast().seq()).isEqualTo(cursor);
    assertThat(text).hasToString(textAfter(after));
  }

  /// As [#assertWhole], for one that began without a cursor: its buffer holds what was before.
  void assertWhole(Recorder<Delivery> client) {
    JsonNode initial = values(client).getFirst();
    assertThat(buffer(initial) + textAfter(initial.path("seq").asLong())).isEqualTo(textAfter(0));
    assertWhole(client, initial.path("seq").asLong());
  }

  private static String buffer(JsonNode initial) {
    StringBuilder text = new StringBuilder();
    initial.path("buffer").forEach(event -> text.append(event.path("delta").asText()));
    return text.toString();
  }

  private static JsonNode tree(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private void tell(Command command) {
    waiting.add(command);
    next();
  }

  private void next() {
    if (committing || waiting.isEmpty()) {
      return;
    }
    committing = true;
    Decision.Accepted decided = (Decision.Accepted) decider.decide(key, state, waiting.remove());
    Append append =
        new Append(
            sid,
            epoch,
            new UUID(0, ++count),
            state,
            decided.after(),
            decided.events(),
            decided.frames(),
            decided.effects(),
            false,
            null,
            null);
    journal
        .append(append)
        .subscribe()
        .with(result -> {
          assertThat(result).isEqualTo(new AppendResult.Applied());
          state = decided.after();
          committing = false;
          next();
        });
  }

  private Uni<Set<Long>> commit(List<PreparedAppend> batch) {
    return Uni.createFrom()
        .emitter(emitter -> {
          Runnable go =
              () -> store.commit(batch).subscribe().with(emitter::complete, emitter::fail);
          if (holding) {
            held.add(go);
          } else {
            go.run();
          }
        });
  }

  private void committed(long of, List<EncodedFrame> frames) {
    if (wakesLost > 0) {
      wakesLost--;
    } else {
      runner.committed(of, frames);
    }
  }

  private NewTurn newTurn() {
    count++;
    return new NewTurn(new TurnId("turn-" + count), new MessageId("answer-" + count));
  }

  private <T> T await(Uni<T> call) {
    CompletableFuture<T> outcome = call.subscribeAsCompletionStage();
    loop.runUntilIdle();
    return outcome.join();
  }
}
