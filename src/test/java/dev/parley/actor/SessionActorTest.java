package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.actor.HubWorld.Asked;
import dev.parley.agent.AgentFailure;
import dev.parley.content.ChatStreamEvent.ToolInputAvailable;
import dev.parley.content.ChatStreamEvent.ToolOutputAvailable;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Event;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.session.TurnId;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.InMemoryStore.CommitFault;
import dev.parley.store.StoreUnavailableException;
import io.smallrye.mutiny.Multi;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A session at work through its hub: what is committed, when it is answered, and what becomes of
/// it when the store goes wrong.
class SessionActorTest {
  private final HubWorld world = new HubWorld();
  private final SessionKey key = world.created("t");

  @AfterEach
  void whatIsStoredIsWhatWasAnswered() {
    world.check();
  }

  // Turns and the queue.

  @Test
  void startsATurnAndCommitsEachOutputBeforeItIsTold() {
    Asked<Reply> sent = world.done(world.send(key, "hello"));
    assertThat(sent.reply()).isInstanceOf(Reply.Started.class);
    assertThat(world.agent.last().context().input().content()).isEqualTo("hello");
    int before = world.appends.size();
    for (String word : List.of("one ", "two ", "three ")) {
      world.agent.last().text(word);
      world.loop.runUntilIdle();
    }
    assertThat(world.appends).hasSize(before + 3);
    assertThat(world.deltas(key)).containsExactly("one ", "two ", "three ");
    world.agent.last().finish("model-1");
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
    assertThat(world.ended(key).usage()).isEqualTo(Usage.of(1, 2));
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
  }

  @Test
  void answersASendOnlyAfterItsCommit() {
    world.hold();
    Asked<Reply> sent = world.done(world.send(key, "hello"));
    assertThat(sent.isOpen()).isTrue();
    assertThat(world.agent.answers()).isEmpty();
    world.release();
    assertThat(sent.reply()).isInstanceOf(Reply.Started.class);
    assertThat(world.agent.answers()).hasSize(1);
  }

  @Test
  void queuesWhileBusyAndStartsTheNextByItself() {
    TurnId first = world.started(key, "one");
    assertThat(world.done(world.send(key, "two")).reply()).isInstanceOf(Reply.Queued.class);
    assertThat(world.done(world.send(key, "three")).reply()).isInstanceOf(Reply.Queued.class);
    world.agent.last().text("1").finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).turnId()).isEqualTo(first);
    assertThat(world.agent.last().context().input().content()).isEqualTo("two");
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(world.agent.last().context().input().content()).isEqualTo("three");
    assertThat(world.agent.answers()).hasSize(3);
  }

  @Test
  void givesTheAgentTheConversationBeforeItsInput() {
    var _ = world.started(key, "one");
    world.agent.last().text("first").finish();
    world.loop.runUntilIdle();
    var _ = world.started(key, "two");
    assertThat(world.done(world.agent.last().context().history()).reply()).hasSize(2);
  }

  // What the agent says.

  @Test
  void joinsWhatTheAgentSaysWhileACommitIsInFlight() {
    var _ = world.started(key, "hello");
    world.hold();
    world.agent.last().text("a ");
    world.loop.runUntilIdle();
    world.agent.last().text("b ").text("c ");
    world.loop.runUntilIdle();
    world.agent.last().text("d ");
    world.release();
    assertThat(world.deltas(key)).containsExactly("a ", "b c d ");
  }

  @Test
  void joinsNoMoreThanItMay() {
    world.restartWithJoined(5);
    assertThat(saidDuringACommit("b ", "c ", "euro€ ", "d "))
        .containsExactly("a ", "b c ", "euro€ ", "d ");
  }

  @Test
  void joinsNothingWhenItMayNotButTheHalvesOfACharacter() {
    world.restartWithJoined(0);
    assertThat(saidDuringACommit("b ", "c\ud83d", "\ude00", "d "))
        .containsExactly("a ", "b ", "c😀", "d ");
  }

  private List<String> saidDuringACommit(String... deltas) {
    var _ = world.started(key, "hello");
    world.hold();
    world.agent.last().text("a ");
    world.loop.runUntilIdle();
    for (String delta : deltas) {
      world.agent.last().text(delta);
    }
    world.release();
    return world.deltas(key);
  }

  @Test
  void splitsADeltaOverTheFrameLimit() {
    var _ = world.started(key, "hello");
    String text = "aé€😀".repeat(1024 * 1024 / 10);
    world.agent.last().text(text);
    world.loop.runUntilIdle();
    assertThat(world.deltas(key))
        .hasSizeGreaterThan(15)
        .allSatisfy(delta ->
            assertThat(delta.getBytes(StandardCharsets.UTF_8).length)
                .isLessThanOrEqualTo(HubWorld.FRAME_BYTES));
    assertThat(String.join("", world.deltas(key))).isEqualTo(text);
  }

  @Test
  void asksTheAgentForMoreOnlyWhenThereIsRoom() {
    assertThat(world.done(world.send(key, "hello")).reply()).isInstanceOf(Reply.Started.class);
    assertThat(world.agent.last().requested()).isEqualTo(HubWorld.BUFFER);
    world.hold();
    world.agent.last().begin();
    world.loop.runUntilIdle();
    assertThat(world.agent.last().requested()).isEqualTo(HubWorld.BUFFER + 1);
    for (int i = 0; i < HubWorld.BUFFER; i++) {
      world.agent.last().text("x");
    }
    world.loop.runUntilIdle();
    assertThat(world.agent.last().requested()).isEqualTo(HubWorld.BUFFER + 1);
    world.release();
    assertThat(world.agent.last().requested()).isEqualTo(2 * HubWorld.BUFFER + 1);
  }

  @Test
  void emptyDeltasAreNoFrames() {
    var _ = world.started(key, "hello");
    int frames = world.frames(key).size();
    long requested = world.agent.last().requested();
    world.agent.last().text("").text("").text("");
    world.loop.runUntilIdle();
    assertThat(world.frames(key)).hasSize(frames);
    assertThat(world.agent.last().requested()).isEqualTo(requested + 3);
  }

  @Test
  void keepsAHalfSurrogateForTheNextDelta() {
    var _ = world.started(key, "hello");
    for (String piece : List.of("x\uD83D", "\uDE00y", "\uD83D", "\uDE01", "z\uD83D")) {
      world.agent.last().text(piece);
      world.loop.runUntilIdle();
    }
    assertThat(world.deltas(key)).containsExactly("x", "😀y", "😁", "z");
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(world.deltas(key)).endsWith("z", "\uFFFD");
  }

  @Test
  void keepsAHalfSurrogateWhenTheBufferHasOnePlace() {
    world.restartWithBuffer(1);
    var _ = world.started(key, "hello");
    world.agent.last().text("x\uD83D");
    world.loop.runUntilIdle();
    long requested = world.agent.last().requested();
    assertThat(requested).isEqualTo(3);
    world.agent.last().text("\uDE00");
    world.loop.runUntilIdle();
    assertThat(world.deltas(key)).containsExactly("x", "😀");
    assertThat(world.agent.last().requested()).isEqualTo(requested + 1);
  }

  @Test
  void readsAgainWhatAToolLeftEmpty() {
    var _ = world.started(key, "hello");
    JsonText nothing = new JsonText("null");
    world.agent.last().say(new ToolInputAvailable("c", "lookUp", nothing));
    world.agent.last().say(new ToolOutputAvailable("c", nothing, false));
    world.loop.runUntilIdle();
    assertThat(world.stored(key)).isInstanceOf(SessionState.Streaming.class);
    world.agent.last().finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).answer())
        .contains(
            new MessagePart.Tool(
                "c",
                "lookUp",
                MessagePart.ToolState.OUTPUT_AVAILABLE,
                nothing,
                null,
                nothing,
                null));
  }

  @Test
  void endsTheTurnWhenItHasSaidAllItMay() {
    world.restartWithOutputMax(1000);
    var _ = world.started(key, "hello");
    world.agent.last().text("x".repeat(800)).text("y".repeat(800)).text("z");
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome())
        .isEqualTo(new TurnOutcome.Completed(FinishReason.LENGTH));
    assertThat(world.agent.last().cancelled()).isTrue();
  }

  @Test
  void endsTheTurnWhenItHasSaidAllItMayInHalfCharacters() {
    world.restartWithOutputMax(1000);
    var _ = world.started(key, "hello");
    for (int i = 0; i < 300 && !world.agent.last().cancelled(); i++) {
      world.agent.last().text("\uD83D");
      world.loop.runUntilIdle();
      world.agent.last().text("\uDE00");
      world.loop.runUntilIdle();
    }
    assertThat(world.ended(key).outcome())
        .isEqualTo(new TurnOutcome.Completed(FinishReason.LENGTH));
  }

  // How agents end, well or not: the turn ends once, and the session goes on.

  @Test
  void endsTheTurnOfAnAgentThatThrows() {
    world.agent.answering(_ -> {
      throw new IllegalStateException("an agent's secret");
    });
    assertThat(world.done(world.send(key, "hello")).reply()).isInstanceOf(Reply.Started.class);
    assertFailed(Refusal.Code.AGENT_ERROR, "");
  }

  @Test
  void endsTheTurnOfAnAgentThatFailsBeforeItsFirstWord() {
    assertThat(world.done(world.send(key, "hello")).reply()).isInstanceOf(Reply.Started.class);
    world.agent.last().fail(new IllegalStateException("an agent's secret"));
    world.loop.runUntilIdle();
    assertFailed(Refusal.Code.AGENT_ERROR, "");
  }

  @Test
  void endsTheTurnOfAnAgentThatFailsInTheMiddle() {
    var _ = world.started(key, "hello");
    world.agent.last().text("so far ").fail(new AgentFailure("no luck", true));
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome())
        .isEqualTo(new TurnOutcome.Failed(Refusal.Code.AGENT_ERROR, "no luck", true));
    assertFailed(Refusal.Code.AGENT_ERROR, "so far ");
  }

  @Test
  void blamesTheStoreWhenItIsAwayFromTheAgent() {
    assertThat(world.done(world.send(key, "hello")).reply()).isInstanceOf(Reply.Started.class);
    world.agent.last().fail(new StoreUnavailableException("no history", null));
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome())
        .isEqualTo(
            new TurnOutcome.Failed(
                Refusal.Code.UNAVAILABLE, "The store was away from the agent.", true));
    assertFailed(Refusal.Code.UNAVAILABLE, "");
  }

  @Test
  void doesNotHearAFailureAfterTheEnd() {
    var _ = world.started(key, "hello");
    world.agent.last().text("all").finish();
    world.agent.last().fail(new IllegalStateException("too late"));
    world.agent.last().complete();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
    assertThat(text()).isEqualTo("all");
    assertGoesOn();
  }

  @Test
  void endsTheTurnOfAnAgentThatNeverEmits() {
    assertThat(world.done(world.send(key, "hello")).reply()).isInstanceOf(Reply.Started.class);
    world.loop.advance(HubWorld.SILENCE.minusMillis(1));
    assertThat(world.agent.last().cancelled()).isFalse();
    world.loop.advance(Duration.ofMillis(1));
    assertThat(world.agent.last().cancelled()).isTrue();
    assertFailed(Refusal.Code.AGENT_ERROR, "");
  }

  @Test
  void endsTheTurnOfAnAgentThatFallsSilentInMidCharacter() {
    var _ = world.started(key, "hello");
    world.agent.last().text("x\uD83D");
    world.loop.advance(HubWorld.SILENCE.multipliedBy(3));
    assertFailed(Refusal.Code.AGENT_ERROR, "x\uFFFD");
  }

  @Test
  void doesNotBlameAnAgentForTheTimeItWasNotAsked() {
    var _ = world.started(key, "hello");
    world.hold();
    world.agent.last().text("1");
    world.loop.runUntilIdle();
    world.agent.last().text("2").text("3").text("4").text("5");
    world.loop.advance(HubWorld.SILENCE.minusSeconds(1));
    world.release();
    world.loop.advance(HubWorld.SILENCE.minusSeconds(1));
    assertThat(world.agent.last().cancelled()).isFalse();
    world.loop.advance(Duration.ofSeconds(2));
    assertFailed(Refusal.Code.AGENT_ERROR, "12345");
  }

  @Test
  void doesNotHearAnAgentThatEmitsAfterItWasStopped() {
    TurnId turn = world.started(key, "hello");
    world.agent.last().text("kept");
    Asked<Reply> stopped = world.done(world.hub().interrupt(key, turn, false));
    assertThat(((Reply.Interrupted) stopped.reply()).turnId()).isEqualTo(turn);
    assertThat(world.agent.last().cancelled()).isTrue();
    world.agent.last().text("late").finish();
    world.loop.runUntilIdle();
    assertThat(text()).isEqualTo("kept");
    assertThat(world.deltas(key)).containsExactly("kept");
    assertGoesOn();
  }

  @Test
  void endsTheTurnOfAnAgentThatIgnoresDemand() {
    var _ = world.started(key, "hello");
    for (int i = 0; i < HubWorld.BUFFER + 3; i++) {
      world.agent.last().text(i + " ");
    }
    world.loop.runUntilIdle();
    assertThat(world.agent.last().cancelled()).isTrue();
    assertFailed(Refusal.Code.AGENT_ERROR, "0 1 2 3 ");
  }

  @Test
  void completesATurnWhoseAgentEndsWithoutAWord() {
    var _ = world.started(key, "hello");
    world.agent.last().text("all").complete();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Completed(FinishReason.STOP));
    assertThat(world.ended(key).usage()).isEqualTo(Usage.NONE);
    assertGoesOn();
  }

  // The mailbox.

  @Test
  void interruptKeepsThePartial() {
    TurnId turn = world.started(key, "hello");
    world.agent.last().text("so ");
    world.loop.runUntilIdle();
    world.agent.last().text("far");
    Asked<Reply> stopped = world.done(world.hub().interrupt(key, null, false));
    assertThat(stopped.reply())
        .isEqualTo(new Reply.Interrupted(turn, (long) world.frames(key).size()));
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Interrupted.class);
    assertThat(text()).isEqualTo("so far");
  }

  @Test
  void interruptIsTakenInThoughTheMailboxIsFull() {
    TurnId turn = world.started(key, "hello");
    world.hold();
    world.agent.last().text("x");
    world.loop.runUntilIdle();
    List<Asked<Reply>> waiting = new ArrayList<>();
    for (int i = 0; i < HubWorld.MAILBOX; i++) {
      waiting.add(world.done(world.send(key, "waits " + i)));
    }
    assertLimited(world.done(world.send(key, "one too many")), "mailbox");
    Asked<Reply> stopped = world.done(world.hub().interrupt(key, turn, false));
    Asked<Reply> again = world.done(world.hub().interrupt(key, turn, false));
    assertLimited(world.done(world.hub().interrupt(key, turn, false)), "mailbox");
    assertThat(stopped.isOpen()).isTrue();
    world.release();
    assertThat(((Reply.Interrupted) stopped.reply()).turnId()).isEqualTo(turn);
    assertThat(((Reply.Interrupted) again.reply()).turnId()).isNull();
    waiting.forEach(sent -> assertThat(sent.reply()).isInstanceOf(Reply.Queued.class));
    assertThat(world.agent.last().context().input().content()).isEqualTo("waits 0");
  }

  @Test
  void interruptStopsWhatTheSameClientSentBefore() {
    world.hold();
    Asked<?> touched = world.done(world.hub().touch(key));
    Asked<Reply> sent = world.done(world.send(key, "hello"));
    Asked<Reply> stopped = world.done(world.hub().interrupt(key, null, false));
    world.release();
    assertThat(touched.isOpen()).isFalse();
    TurnId turn = ((Reply.Started) sent.reply()).turnId();
    assertThat(((Reply.Interrupted) stopped.reply()).turnId()).isEqualTo(turn);
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
  }

  @Test
  void refusesBeyondTheActiveSessions() {
    for (int i = 1; i < HubWorld.ACTIVE_MAX; i++) {
      var _ = world.created("more-" + i);
    }
    SessionKey beyond = new SessionKey("user", "scripted", "beyond");
    Asked<?> refused = world.done(world.hub().create(beyond, null));
    assertThat(refused.refusal()).isInstanceOf(Refusal.LimitExceeded.class);
    world.loop.advance(HubWorld.IDLE_AFTER);
    assertThat(world.done(world.hub().create(beyond, null)).reply().key()).isEqualTo(beyond);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    SessionKey nobody = new SessionKey("user", "scripted", "nobody");
    assertThat(world.done(world.send(nobody, "hello")).refusal())
        .isEqualTo(new Refusal.SessionNotFound(nobody));
    SessionKey stranger = new SessionKey("user", "stranger", "t");
    assertThat(world.done(world.send(stranger, "hello")).code())
        .isEqualTo(Refusal.Code.AGENT_UNKNOWN);
    assertThat(world.done(world.hub().create(key, null)).refusal())
        .isEqualTo(new Refusal.SessionExists(key));
  }

  // The same send again.

  @Test
  void answersTheSameSendTheSame() {
    Asked<Reply> first = world.done(world.send(key, "hello", "c1"));
    Reply.Started started = (Reply.Started) first.reply();
    assertThat(world.done(world.send(key, "hello", "c1")).reply())
        .isEqualTo(new Reply.Started(started.messageId(), started.turnId(), true));
    assertThat(world.agent.answers()).hasSize(1);
  }

  @Test
  void findsADuplicateInTheStoreAfterMoreSendsThanItRemembers() {
    Reply.Started first = sendAndFinish("c-0");
    for (int i = 1; i <= SessionState.Core.RECEIPTS_MAX + 3; i++) {
      var _ = sendAndFinish("c-" + i);
    }
    long events = world.stored(key).eventSeq();
    Asked<Reply> again = world.ask(world.send(key, "hello", "c-0"));
    Asked<Reply> other = world.ask(world.send(key, "hello", "new"));
    world.loop.runUntilIdle();
    assertThat(again.reply()).isEqualTo(new Reply.Started(first.messageId(), first.turnId(), true));
    assertThat(other.reply()).isInstanceOf(Reply.Started.class);
    assertThat(world.stored(key).eventSeq()).isEqualTo(events + 1);
  }

  @Test
  void tellsADuplicateThatTheStoreCannotBeAsked() {
    for (int i = 0; i <= SessionState.Core.RECEIPTS_MAX; i++) {
      var _ = sendAndFinish("c-" + i);
    }
    world.faults.calls.add(CallFault.LOST_BEFORE);
    assertThat(world.done(world.send(key, "hello", "c-0")).code())
        .isEqualTo(Refusal.Code.UNAVAILABLE);
    assertThat(((Reply.Started) world.done(world.send(key, "hello", "c-0")).reply()).duplicate())
        .isTrue();
  }

  private Reply.Started sendAndFinish(String clientMessageId) {
    Asked<Reply> sent = world.done(world.send(key, "hello", clientMessageId));
    world.agent.last().finish();
    world.loop.runUntilIdle();
    return (Reply.Started) sent.reply();
  }

  // When the store goes wrong.

  @Test
  void tellsCallersOfAnUnknownOutcomeThatWasNotApplied() {
    var _ = world.started(key, "hello");
    world.faults.commits.add(CommitFault.LOST_BEFORE);
    assertThat(world.done(world.send(key, "two", "c")).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    assertFailed(Refusal.Code.UNAVAILABLE, "");
    assertThat(world.events(key)).noneMatch(e -> e instanceof Event.MessageQueued);
    assertThat(((Reply.Started) world.done(world.send(key, "two", "c")).reply()).duplicate())
        .isFalse();
  }

  @Test
  void answersTheTruthAfterAnUnknownOutcomeThatWasApplied() {
    TurnId turn = world.started(key, "hello");
    world.faults.commits.add(CommitFault.LOST_AFTER);
    Asked<Reply> queued = world.done(world.send(key, "two"));
    assertThat(queued.reply()).isInstanceOf(Reply.Queued.class);
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(failure().code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    assertThat(world.agent.last().context().input().content()).isEqualTo("two");
    assertThat(world.agent.answers()).hasSize(2);
  }

  @Test
  void tellsOfFramesThatWereCommittedWithoutAnAnswer() {
    var _ = world.started(key, "hello");
    world.agent.last().finish();
    world.faults.commits.add(CommitFault.LOST_AFTER);
    world.loop.runUntilIdle();
    // The turn's end is the session's last word: no other commit would make up for it.
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
    world.check();
  }

  @Test
  void doesNotLetACommitThroughThatWasGivenUp() {
    var _ = world.started(key, "hello");
    world.faults.commits.add(CommitFault.LATE);
    assertThat(world.done(world.send(key, "two")).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    world.loop.advance(Duration.ofSeconds(5));
    assertThat(world.events(key)).noneMatch(e -> e instanceof Event.MessageQueued);
    assertFailed(Refusal.Code.UNAVAILABLE, "");
  }

  @Test
  void endsTheTurnOnceTheStoreIsBack() {
    var _ = world.started(key, "hello");
    world.agent.last().text("kept ");
    world.loop.runUntilIdle();
    world.faults.away = true;
    world.agent.last().text("lost ");
    Asked<Reply> open = world.done(world.send(key, "two"));
    assertThat(open.code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    world.loop.advance(Duration.ofSeconds(20));
    assertThat(world.agent.last().cancelled()).isTrue();
    assertThat(world.done(world.send(key, "three")).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    world.faults.away = false;
    world.loop.advance(Duration.ofSeconds(2));
    assertFailed(Refusal.Code.UNAVAILABLE, "kept ");
  }

  @Test
  void endsTheTurnThoughTheAnswerToItsClaimWasLost() {
    var _ = world.started(key, "hello");
    world.faults.commits.add(CommitFault.LOST_BEFORE);
    world.faults.calls.add(CallFault.LOST_AFTER);
    world.agent.last().text("lost");
    world.loop.advance(Duration.ofSeconds(5));
    assertFailed(Refusal.Code.UNAVAILABLE, "");
  }

  @Test
  void endsTheTurnThoughTheStoreWentAwayAgainAfterItsClaim() {
    var _ = world.started(key, "hello");
    world.faults.commits.add(CommitFault.LOST_BEFORE);
    world.faults.calls.addAll(List.of(CallFault.NONE, CallFault.LOST_BEFORE));
    world.agent.last().text("lost");
    world.loop.advance(Duration.ofSeconds(5));
    assertFailed(Refusal.Code.UNAVAILABLE, "");
  }

  @Test
  void triesAgainWhatLostARace() {
    world.faults.commits.addAll(List.of(CommitFault.RETRY, CommitFault.RETRY));
    assertThat(world.done(world.send(key, "hello")).reply()).isInstanceOf(Reply.Started.class);
    assertThat(world.agent.answers()).hasSize(1);
  }

  @Test
  void leavesASessionThatAnotherNodeHasTaken() {
    var _ = world.started(key, "hello");
    assertThat(world.done(world.store.claim(world.sid(key), "elsewhere")).reply()).isPresent();
    assertThat(world.done(world.send(key, "two")).code()).isEqualTo(Refusal.Code.UNAVAILABLE);
    assertThat(world.hub().activeSessions()).isEmpty();
    assertThat(world.agent.last().cancelled()).isTrue();
    assertThat(world.stored(key)).isInstanceOf(SessionState.Streaming.class);
  }

  @Test
  void endsATurnWhoseOutputTheStoreRefuses() {
    var _ = world.started(key, "hello");
    world.agent.last().text("kept ");
    world.loop.runUntilIdle();
    world.agent.last().finish("a\0model");
    world.loop.runUntilIdle();
    assertFailed(Refusal.Code.AGENT_ERROR, "kept ");
  }

  @Test
  void endsATurnWhoseFailureTheStoreRefuses() {
    var _ = world.started(key, "hello");
    world.agent.last().fail(new AgentFailure("a\0failure", false));
    world.loop.runUntilIdle();
    assertFailed(Refusal.Code.AGENT_ERROR, "");
  }

  @Test
  void refusesACommandThatTheStoreRefusesAndGoesOn() {
    SessionKey poisoned = new SessionKey("user", "scripted", "p");
    assertThat(world.done(world.hub().create(poisoned, "a\0title")).code())
        .isEqualTo(Refusal.Code.MESSAGE_CREATE_ERROR);
    assertThat(world.done(world.hub().create(poisoned, "title")).reply().title())
        .isEqualTo("title");
  }

  // Coming and going.

  @Test
  void passivatesWhenIdleAndLoadsAgain() {
    sendAndFinish("c");
    world.loop.advance(HubWorld.IDLE_AFTER.minusMillis(1));
    assertThat(world.hub().activeSessions()).containsExactly(key);
    world.loop.advance(Duration.ofMillis(1));
    assertThat(world.hub().activeSessions()).isEmpty();
    assertThat(world.loop.timers()).isZero();
    assertThat(((Reply.Started) world.done(world.send(key, "hello", "c")).reply()).duplicate())
        .isTrue();
    assertGoesOn();
  }

  @Test
  void staysWhileATurnRuns() {
    var _ = world.started(key, "hello");
    for (int i = 0; i < 10; i++) {
      world.loop.advance(HubWorld.SILENCE.minusSeconds(1));
      world.agent.last().text(".");
    }
    world.loop.runUntilIdle();
    assertThat(world.hub().activeSessions()).containsExactly(key);
    assertThat(world.deltas(key)).hasSize(10);
  }

  @Test
  void recoversAStreamingSessionOnActivation() {
    TurnId turn = world.started(key, "one");
    world.agent.last().text("so far");
    assertThat(world.done(world.send(key, "two")).reply()).isInstanceOf(Reply.Queued.class);
    world.restart();
    assertThat(world.done(world.send(key, "three")).reply()).isInstanceOf(Reply.Queued.class);
    assertThat(world.ended(key).turnId()).isEqualTo(turn);
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Interrupted("node lost"));
    assertThat(text()).isEqualTo("so far");
    assertThat(world.agent.last().context().input().content()).isEqualTo("two");
    // The process before is not heard any more.
    world.agent.answers().getFirst().text("ghost");
    world.loop.runUntilIdle();
    assertThat(world.deltas(key)).containsExactly("so far");
  }

  @Test
  void takesUpAllPagesOfUnfinishedSessions() {
    List<SessionKey> unfinished = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      unfinished.add(world.created("u" + i));
      var _ = world.started(unfinished.getLast(), "hello");
      world.agent.last().text("partial " + i);
    }
    world.loop.runUntilIdle();
    world.restart();
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
    for (SessionKey each : unfinished) {
      assertThat(world.ended(each).outcome()).isEqualTo(new TurnOutcome.Interrupted("node lost"));
      assertThat(world.stored(each)).isInstanceOf(SessionState.Idle.class);
    }
    assertThat(world.hub().activeSessions()).containsExactlyInAnyOrderElementsOf(unfinished);
  }

  @Test
  void looksAgainForASessionWhoseActivationFailed() {
    var _ = world.started(key, "hello");
    world.agent.last().text("partial");
    world.loop.runUntilIdle();
    world.restart();
    // The scan itself, then the claim.
    world.faults.calls.add(CallFault.NONE);
    world.faults.calls.add(CallFault.LOST_BEFORE);
    world.hub().start(world.loop);
    world.loop.runUntilIdle();
    assertThat(world.stored(key)).isInstanceOf(SessionState.Streaming.class);
    world.loop.advance(HubWorld.RECOVERY_INTERVAL);
    assertThat(world.ended(key).outcome()).isEqualTo(new TurnOutcome.Interrupted("node lost"));
  }

  @Test
  void refusesWithDrainingOnceItDrains() {
    var _ = world.started(key, "hello");
    world.loop.runUntilIdle();
    var _ = world.done(world.hub().drain().map(_ -> new Reply.Done()));
    assertThat(world.done(world.send(key, "late")).code()).isEqualTo(Refusal.Code.DRAINING);
    assertThat(world.hub().activeSessions()).isEmpty();
  }

  @Test
  void keepsOthersRunningBesideAnUnreadableSession() {
    SessionKey damaged = world.created("damaged");
    world.restart(store -> new DamagedStore(store, world.sid(damaged)));
    assertThat(world.done(world.send(damaged, "hello")).code())
        .isEqualTo(Refusal.Code.EVENT_UNREADABLE);
    assertThat(world.hub().activeSessions()).isEmpty();
    assertGoesOn();
  }

  @Test
  void rollbackTakesTheAnswerOutOfHistory() {
    var _ = world.started(key, "one");
    world.agent.last().text("wrong");
    world.loop.runUntilIdle();
    Asked<Reply> sent =
        world.done(world.hub().send(key, "two", null, null, WhenBusy.ROLLBACK, null));
    assertThat(sent.reply()).isInstanceOf(Reply.Started.class);
    assertThat(world.ended(key).discarded()).isTrue();
    assertThat(world.done(world.agent.last().context().history()).reply()).hasSize(1);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (MessagePart part : world.ended(key).answer()) {
      if (part instanceof MessagePart.Text(String said)) {
        text.append(said);
      }
    }
    return text.toString();
  }

  private TurnOutcome.Failed failure() {
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Failed.class);
    return (TurnOutcome.Failed) world.ended(key).outcome();
  }

  private void assertFailed(Refusal.Code code, String partial) {
    assertThat(failure().code()).isEqualTo(code);
    assertThat(failure().message()).doesNotContain("secret");
    assertThat(text()).isEqualTo(partial);
    assertGoesOn();
  }

  /// The session is at rest and takes a next message.
  private void assertGoesOn() {
    assertThat(world.stored(key)).isInstanceOf(SessionState.Idle.class);
    world.agent.answering(answer -> Multi.createFrom().publisher(answer));
    var _ = world.started(key, "next");
    world.agent.last().text("works").finish();
    world.loop.runUntilIdle();
    assertThat(world.ended(key).outcome()).isInstanceOf(TurnOutcome.Completed.class);
    assertThat(text()).isEqualTo("works");
  }

  private static void assertLimited(Asked<Reply> refused, String limit) {
    assertThat(refused.refusal()).isInstanceOf(Refusal.LimitExceeded.class);
    assertThat(((Refusal.LimitExceeded) refused.refusal()).limit()).isEqualTo(limit);
  }
}
