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
  /// @param output what the agent has said: the fold of those frames
  record RunningTurn(
      TurnId turnId,
      MessageId answerId,
      UserMessage message,
      Instant startedAt,
      long firstFrame,
      TurnOutput output) {

    RunningTurn with(TurnOutput output) {
      return new RunningTurn(turnId, answerId, message, startedAt, firstFrame, output);
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
      return new Core(
          key,
          incarnation,
          title,
          model,
          usage,
          createdAt,
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

    Core active(Instant at) {
      return new Core(
          key,
          incarnation,
          title,
          model,
          usage,
          createdAt,
          at,
          queue,
          messageCount,
          lastMessageId,
          lastMessageAt,
          receipts,
          forgotten,
          eventSeq,
          frameSeq);
    }

    Core enqueue(Waiting waiting, boolean first) {
      List<Waiting> longer = new ArrayList<>(queue);
      longer.add(first ? 0 : longer.size(), waiting);
      return withQueue(longer);
    }

    Core dequeue(MessageId id) {
      return withQueue(queue.stream().filter(w -> !w.message().id().equals(id)).toList());
    }

    private Core withQueue(List<Waiting> queue) {
      return new Core(
          key,
          incarnation,
          title,
          model,
          usage,
          createdAt,
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

    /// One more message in history; a discarded one takes its place and is not its newest.
    Core withMessage(MessageId id, Instant at, boolean discarded) {
      return new Core(
          key,
          incarnation,
          title,
          model,
          usage,
          createdAt,
          lastActivityAt,
          queue,
          messageCount + 1,
          discarded ? lastMessageId : id,
          discarded ? lastMessageAt : at,
          receipts,
          forgotten,
          eventSeq,
          frameSeq);
    }

    Core spent(Usage more, @Nullable String by) {
      return new Core(
          key,
          incarnation,
          title,
          by == null ? model : by,
          usage.plus(more),
          createdAt,
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
      return new Core(
          key,
          incarnation,
          title,
          model,
          usage,
          createdAt,
          lastActivityAt,
          queue,
          messageCount,
          lastMessageId,
          lastMessageAt,
          more,
          forgotten || full,
          eventSeq,
          frameSeq);
    }

    /// The place of a waiting message.
    public @Nullable Waiting waiting(MessageId id) {
      return queue.stream().filter(w -> w.message().id().equals(id)).findFirst().orElse(null);
    }

    /// What the state remembers of a send that named itself so.
    public @Nullable SendReceipt receipt(@Nullable ClientMessageId id) {
      return id == null ? null : receipts.get(id);
    }
  }
}
