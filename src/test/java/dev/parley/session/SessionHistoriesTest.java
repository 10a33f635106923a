package dev.parley.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.Contents;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.TurnOutput;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Decision.NumberedEvent;
import dev.parley.session.Decision.NumberedFrame;
import dev.parley.session.History.Action;
import dev.parley.session.History.Whose;
import dev.parley.session.SessionState.Absent;
import dev.parley.session.SessionState.Deleted;
import dev.parley.session.SessionState.Idle;
import dev.parley.session.SessionState.Present;
import dev.parley.session.SessionState.Streaming;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/// What holds for a session whatever happens to it. Numbering, folding step by step, and the answer
/// to a repeated send are checked by [History] at every step.
class SessionHistoriesTest {
  @Property(tries = 2000)
  void endsEachTurnOnceAndTellsNothingOfItAfterwards(@ForAll("lives") List<Action> life) {
    History history = live(life);
    Set<TurnId> told = new HashSet<>();
    @Nullable TurnId running = null;
    for (NumberedFrame numbered : history.frames) {
      switch (numbered.frame()) {
        case Frame.SessionStarted started -> {
          assertThat(running).as("one turn at a time").isNull();
          assertThat(told.add(started.turnId())).as("a turn starts once").isTrue();
          running = started.turnId();
        }
        case Frame.StreamEvent said -> assertThat(said.turnId()).isEqualTo(running);
        case Frame.SessionStopped stopped -> {
          assertThat(stopped.turnId()).isEqualTo(running);
          running = null;
        }
        case Frame.UserMessage _ -> assertThat(running).isNull();
        case Frame.MessageQueued _, Frame.MessageDequeued _, Frame.SessionRenamed _ -> {}
        case Frame.MessagesDiscarded _, Frame.SessionDeleted _ -> assertThat(running).isNull();
      }
    }
    @Nullable TurnId streaming =
        history.state() instanceof Streaming state ? state.turn().turnId() : null;
    assertThat(running).isEqualTo(streaming);

    List<TurnId> ended =
        history.events.stream()
            .map(NumberedEvent::event)
            .filter(Event.TurnEnded.class::isInstance)
            .map(event -> ((Event.TurnEnded) event).turnId())
            .toList();
    assertThat(ended).doesNotHaveDuplicates();
    Set<TurnId> expected = new HashSet<>(told);
    if (running != null) {
      expected.remove(running);
    }
    assertThat(ended).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Property(tries = 2000)
  void isTheFoldOfItsWholeHistory(@ForAll("lives") List<Action> life) {
    History history = live(life);
    assertThat(Folds.fold(new Absent(), history.events, history.frames)).isEqualTo(history.state());
    for (int i = 0; i < history.events.size(); i++) {
      assertThat(history.events.get(i).seq()).isEqualTo(i + 1);
    }
    for (int i = 0; i < history.frames.size(); i++) {
      assertThat(history.frames.get(i).seq()).isEqualTo(i + 1);
    }
  }

  @Property(tries = 2000)
  void holdsAtMostAFullQueueAndNoneWhileItIsIdle(@ForAll("lives") List<Action> life) {
    for (SessionState state : live(life).states) {
      switch (state) {
        case Absent _, Deleted _ -> {}
        case Idle idle -> assertThat(idle.core().queue()).isEmpty();
        case Streaming streaming -> {
          assertThat(streaming.core().queue())
              .hasSizeLessThanOrEqualTo(History.LIMITS.queueLengthMax());
          assertThat(streaming.turn().output().bytes())
              .isLessThanOrEqualTo(History.LIMITS.outputBytesMax() + 48);
        }
      }
    }
  }

  @Property(tries = 2000)
  void tellsClientsTheQueueItHas(@ForAll("lives") List<Action> life) {
    History history = live(life);
    List<MessageId> queue = new ArrayList<>();
    for (NumberedFrame numbered : history.frames) {
      switch (numbered.frame()) {
        case Frame.MessageQueued queued -> queue.add(queued.message().id());
        case Frame.MessageDequeued dequeued ->
            assertThat(queue.remove(dequeued.messageId())).isTrue();
        case Frame.UserMessage _, Frame.SessionStarted _, Frame.StreamEvent _ -> {}
        case Frame.SessionStopped _, Frame.MessagesDiscarded _ -> {}
        case Frame.SessionRenamed _, Frame.SessionDeleted _ -> {}
      }
    }
    if (history.state() instanceof Present present) {
      assertThat(queue)
          .isEqualTo(present.core().queue().stream().map(w -> w.message().id()).toList());
    }
  }

  @Property(tries = 2000)
  void keepsInTheEventWhatItsFramesSaid(@ForAll("lives") List<Action> life) {
    History history = live(life);
    Map<TurnId, TurnOutput> said = new HashMap<>();
    for (NumberedFrame numbered : history.frames) {
      if (numbered.frame() instanceof Frame.StreamEvent told
          && told.event() instanceof Content content) {
        said.merge(
            told.turnId(), TurnOutput.EMPTY.append(content), (output, _) -> output.append(content));
      }
    }
    for (NumberedEvent numbered : history.events) {
      if (numbered.event() instanceof Event.TurnEnded ended) {
        TurnOutput output = said.getOrDefault(ended.turnId(), TurnOutput.EMPTY);
        List<MessagePart> parts = output.parts();
        assertThat(ended.answer()).isEqualTo(parts);
        assertThat(output.missingEnds()).as("every part is ended").isEmpty();
      }
    }
  }

  @Property(tries = 2000)
  void opensEachAnswerWithItsIdAndClosesItWithOneLastWord(@ForAll("lives") List<Action> life) {
    Map<TurnId, List<ChatStreamEvent>> answers = new HashMap<>();
    History history = live(life);
    for (NumberedFrame numbered : history.frames) {
      if (numbered.frame() instanceof Frame.StreamEvent told) {
        answers.computeIfAbsent(told.turnId(), _ -> new ArrayList<>()).add(told.event());
      }
    }
    @Nullable TurnId streaming =
        history.state() instanceof Streaming state ? state.turn().turnId() : null;
    answers.forEach((turnId, answer) -> {
      assertThat(answer.getFirst()).isInstanceOf(ChatStreamEvent.Start.class);
      long ends = answer.stream().filter(SessionHistoriesTest::isLastWord).count();
      assertThat(ends).isEqualTo(turnId.equals(streaming) ? 0 : 1);
      if (ends == 1) {
        assertThat(isLastWord(answer.getLast())).isTrue();
      }
    });
  }

  @Provide
  Arbitrary<List<Action>> lives() {
    Arbitrary<Boolean> flag = Arbitraries.of(true, false);
    Arbitrary<WhenBusy> whenBusy = Arbitraries.of(WhenBusy.class);
    Arbitrary<Whose> whose =
        Arbitraries.frequency(
            Tuple.of(6, Whose.RUNNING), Tuple.of(1, Whose.EARLIER), Tuple.of(1, Whose.NONE));
    Arbitrary<Integer> place = Arbitraries.integers().between(0, 5);
    Arbitrary<List<Content>> said = Contents.any().list().ofMaxSize(6);
    Arbitrary<Action> action =
        Arbitraries.frequencyOf(
            Tuple.of(1, Arbitraries.just(new Action.Create())),
            Tuple.of(6, Combinators.combine(whenBusy, flag).as(Action.SendNew::new)),
            Tuple.of(3, Combinators.combine(place, whenBusy).as(Action.SendAgain::new)),
            Tuple.of(2, Combinators.combine(whose, flag).as(Action.Interrupt::new)),
            Tuple.of(2, place.map(Action.Dequeue::new)),
            Tuple.of(6, Combinators.combine(whose, said).as(Action.Output::new)),
            Tuple.of(3, whose.map(Action.Done::new)),
            Tuple.of(1, whose.map(Action.Fail::new)),
            Tuple.of(1, flag.map(Action.Recover::new)),
            Tuple.of(1, Arbitraries.just(new Action.Restart())),
            Tuple.of(1, Arbitraries.just(new Action.Renew())),
            Tuple.of(1, place.map(Action.Rename::new)),
            Tuple.of(1, Arbitraries.just(new Action.Touch())),
            Tuple.of(3, Combinators.combine(place, flag, flag).as(Action.Regenerate::new)));
    Arbitrary<List<Action>> life = action.list().ofMinSize(1).ofMaxSize(60);
    // Few are deleted, and most of those late.
    return Arbitraries.frequencyOf(
        Tuple.of(9, life),
        Tuple.of(
            1,
            Combinators.combine(life, action.list().ofMaxSize(6))
                .as((before, after) -> {
                  List<Action> whole = new ArrayList<>(before);
                  whole.add(new Action.Delete());
                  whole.addAll(after);
                  return whole;
                })));
  }

  /// A life begins with the creation, except for the few that are tried before it.
  private static History live(List<Action> life) {
    History history = new History();
    for (int i = 0; i < life.size(); i++) {
      if (i == 1) {
        history.act(new Action.Create());
      }
      history.act(life.get(i));
    }
    return history;
  }

  private static boolean isLastWord(ChatStreamEvent event) {
    return switch (event) {
      case ChatStreamEvent.Finish _, ChatStreamEvent.Abort _, ChatStreamEvent.Error _ -> true;
      case ChatStreamEvent.Start _, Content _ -> false;
    };
  }
}
