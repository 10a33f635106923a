package dev.parley.session;

import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.MessageId;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A session as its events made it. Immutable.
public sealed interface SessionState {

  /// The number of the last event; 0 before the first.
  long eventSeq();

  /// The number of the last frame; 0 before the first.
  long frameSeq();

  /// The state after one more event, the next in number.
  ///
  /// @param frameSeq the frame head behind the event and its frames
  default SessionState evolve(Event event, long frameSeq) {
    return Evolution.apply(this, event, frameSeq);
  }

  /// A key whose session has not been created.
  record Absent() implements SessionState {
    @Override
    public long eventSeq() {
      return 0;
    }

    @Override
    public long frameSeq() {
      return 0;
    }
  }

  /// A session that was deleted. Its key may name another one by now.
  record Deleted(Instant at, long eventSeq, long frameSeq) implements SessionState {}

  /// A session that exists.
  sealed interface Present extends SessionState {
    Core core();

    @Override
    default long eventSeq() {
      return core().eventSeq();
    }

    @Override
    default long frameSeq() {
      return core().frameSeq();
    }
  }

  /// No turn is running.
  record Idle(Core core) implements Present {}

  /// A turn is running.
  record Streaming(Core core, RunningTurn turn) implements Present {
    /// This state after one more frame of what the agent says, the next in number.
    Streaming say(Content content) {
      return new Streaming(
          core.withHeads(core.eventSeq, core.frameSeq + 1), turn.with(turn.output.append(content)));
    }

    /// This state, read from its events, with what the turn's frames hold up to `frameSeq`.
    public Streaming resume(TurnOutput output, long frameSeq) {
      return new Streaming(core.withHeads(core.eventSeq, frameSeq), turn.with(output));
    }
  }

  /// The running turn.
  ///
  /// @param answerId the id of the agent's message
  /// @param firstFrame the frame that opened the answer; what the agent says follows it
  /// @param resumedBytes how much it had said when it last went on after the loss of its node;
  ///   [#NEVER_RESUMED] before that
  /// @param spent what it has cost, as far as is known
  /// @param output what the agent has said: the fold of those frames
  record RunningTurn(
      TurnId turnId,
      MessageId answerId,
      UserMessage message,
      Instant startedAt,
      long firstFrame,
      long resumedBytes,
      Usage spent,
      TurnOutput output) {
    public static final long NEVER_RESUMED = -1;

    RunningTurn with(TurnOutput output) {
      return new RunningTurn(
          turnId, answerId, message, startedAt, firstFrame, resumedBytes, spent, output);
    }

    RunningTurn resumed(long saidBytes) {
      return new RunningTurn(
          turnId, answerId, message, startedAt, firstFrame, saidBytes, spent, output);
    }

    RunningTurn spent(Usage spent) {
      return new RunningTurn(
          turnId, answerId, message, startedAt, firstFrame, resumedBytes, spent, output);
    }

    /// Whether its node was lost before, and it went on, or began anew.
    public boolean wasResumed() {
      return resumedBytes != NEVER_RESUMED;
    }

    /// Whether the turn has said anything since it last went on, or waits for somebody and has
    /// nothing to say; true of one that never had to. A turn that takes its node down each time is
    /// not taken up for ever.
    boolean mayGoOn() {
      return output.bytes() > resumedBytes || !output.openApprovals().isEmpty();
    }
  }

  /// A message that waits for its turn.
  ///
  /// @param eventSeq the event that holds its text
  record Waiting(UserMessage message, long eventSeq) {}

  /// What a session has in every state.
  ///
  /// @param messageCount messages that history ever had: the place of the next one
  /// @param lastMessageId the newest message of history
  /// @param receipts the newest sends that named themselves, oldest first
  /// @param forgotten whether older receipts are only in the store
  record Core(
      SessionKey key,
      Incarnation incarnation,
      @Nullable String title,
      @Nullable String model,
      Usage usage,
      Instant createdAt,
      Instant lastActivityAt,
      List<Waiting> queue,
      long messageCount,
      @Nullable MessageId lastMessageId,
      @Nullable Instant lastMessageAt,
      SequencedMap<ClientMessageId, SendReceipt> receipts,
      boolean forgotten,
      long eventSeq,
      long frameSeq) {

    /// How many receipts the state remembers; the rest is looked up in the store (requirement T7).
    public static final int RECEIPTS_MAX = 256;

    public Core {
      queue = List.copyOf(queue);
      receipts = Collections.unmodifiableSequencedMap(receipts);
    }

    Core withHeads(long eventSeq, long frameSeq) {
      return with(c -> {
        c.eventSeq = eventSeq;
        c.frameSeq = frameSeq;
      });
    }

    Core active(Instant at) {
      return with(c -> c.lastActivityAt = at);
    }

    Core renamed(String title) {
      return with(c -> c.title = title);
    }

    Core renewed(Incarnation incarnation) {
      return with(c -> c.incarnation = incarnation);
    }

    Core enqueue(Waiting waiting, boolean first) {
      List<Waiting> longer = new ArrayList<>(queue);
      longer.add(first ? 0 : longer.size(), waiting);
      return with(c -> c.queue = longer);
    }

    Core dequeue(MessageId id) {
      List<Waiting> shorter = queue.stream().filter(w -> !w.message().id().equals(id)).toList();
      return with(c -> c.queue = shorter);
    }

    /// One more message in history; a discarded one takes its place and is not its newest.
    Core withMessage(MessageId id, Instant at, boolean discarded) {
      Core longer = with(c -> c.messageCount++);
      return discarded ? longer : longer.withNewest(id, at);
    }

    Core withNewest(@Nullable MessageId id, @Nullable Instant at) {
      return with(c -> {
        c.lastMessageId = id;
        c.lastMessageAt = at;
      });
    }

    Core spent(Usage more, @Nullable String by) {
      return with(c -> {
        c.model = by == null ? c.model : by;
        c.usage = c.usage.plus(more);
      });
    }

    Core remember(@Nullable ClientMessageId id, SendReceipt receipt) {
      if (id == null) {
        return this;
      }
      SequencedMap<ClientMessageId, SendReceipt> more = new LinkedHashMap<>(receipts);
      more.put(id, receipt);
      boolean full = more.size() > RECEIPTS_MAX;
      if (full) {
        more.pollFirstEntry();
      }
      return with(c -> {
        c.receipts = more;
        c.forgotten |= full;
      });
    }

    /// This core with something changed.
    private Core with(Consumer<Change> change) {
      Change changed = new Change(this);
      change.accept(changed);
      return changed.core();
    }

    /// The place of a waiting message.
    public @Nullable Waiting waiting(MessageId id) {
      return queue.stream().filter(w -> w.message().id().equals(id)).findFirst().orElse(null);
    }

    /// What the state remembers of a send that named itself so.
    public @Nullable SendReceipt receipt(@Nullable ClientMessageId id) {
      return id == null ? null : receipts.get(id);
    }

    /// A core on its way to the next one: what is not touched stays.
    private static final class Change {
      private final Core before;
      private Incarnation incarnation;
      private @Nullable String title;
      private @Nullable String model;
      private Usage usage;
      private Instant lastActivityAt;
      private List<Waiting> queue;
      private long messageCount;
      private @Nullable MessageId lastMessageId;
      private @Nullable Instant lastMessageAt;
      private SequencedMap<ClientMessageId, SendReceipt> receipts;
      private boolean forgotten;
      private long eventSeq;
      private long frameSeq;

      Change(Core core) {
        before = core;
        incarnation = core.incarnation;
        title = core.title;
        model = core.model;
        usage = core.usage;
        lastActivityAt = core.lastActivityAt;
        queue = core.queue;
        messageCount = core.messageCount;
        lastMessageId = core.lastMessageId;
        lastMessageAt = core.lastMessageAt;
        receipts = core.receipts;
        forgotten = core.forgotten;
        eventSeq = core.eventSeq;
        frameSeq = core.frameSeq;
      }

      Core core() {
        return new Core(
            before.key,
            incarnation,
            title,
            model,
            usage,
            before.createdAt,
            lastActivityAt,
            queue,
            messageCount,
            lastMessageId,
            lastMessageAt,
            receipts,
            forgotten,
            eventSeq,
            frameSeq);
      }
    }
  }
}
