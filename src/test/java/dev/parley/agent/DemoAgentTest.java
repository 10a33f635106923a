package dev.parley.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.Delta;
import dev.parley.content.FinishReason;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.testing.ManualEventLoop;
import dev.parley.testing.Recorder;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requirement A2, and the contract of the demo agent.
class DemoAgentTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final ManualEventLoop loop = new ManualEventLoop();
  private List<ChatMessage> history = List.of();

  @Test
  void countsEachNumberFollowedByOneSpace() {
    Recorder<AgentEvent> answer = whole("/count 500 0");
    assertThat(text(answer)).isEqualTo(numbers(500));
    assertThat(deltas(answer)).hasSize(500);
    assertThat(contents(answer))
        .startsWith(new ChatStreamEvent.StartStep(), new ChatStreamEvent.TextStart("t1"))
        .endsWith(new ChatStreamEvent.TextEnd("t1"), new ChatStreamEvent.FinishStep());
    assertThat(finished(answer))
        .isEqualTo(new AgentEvent.Finished(FinishReason.STOP, Usage.of(3, 500), "demo", null));
  }

  @Test
  void countsFiftyTokensASecondUnlessToldOtherwise() {
    Recorder<AgentEvent> answer = ask("/count 100", Recorder.ofAll());
    loop.advance(Duration.ofMillis(990));
    assertThat(deltas(answer)).hasSize(50);
    loop.advance(Duration.ofMillis(10));
    assertThat(deltas(answer)).hasSize(51);
    loop.advance(Duration.ofMillis(979));
    assertThat(answer.completed()).isFalse();
    loop.advance(Duration.ofMillis(1));
    assertThat(deltas(answer)).hasSize(100);
    assertThat(answer.completed()).isTrue();
  }

  @Test
  void emitsTheFirstTokenAtOnce() {
    Recorder<AgentEvent> answer = ask("/count 5 1", Recorder.ofAll());
    loop.runUntilIdle();
    assertThat(text(answer)).isEqualTo("1 ");
  }

  @Test
  void sendsSeveralTokensInOneTickWhenTimersAreCoarseAndKeepsItsSchedule() {
    ManualEventLoop late = ManualEventLoop.seeded(7);
    Recorder<AgentEvent> answer = ask("/count 20000 10000", Recorder.ofAll(), late);
    late.advance(Duration.ofMillis(1001));
    assertThat(deltas(answer).size()).isBetween(9_990, 10_020);
    late.advance(Duration.ofMillis(1001));
    assertThat(answer.completed()).isTrue();
  }

  @Test
  void emitsNothingThatIsNotWanted() {
    Recorder<AgentEvent> answer = ask("/count 100 0", new Recorder<>(0));
    loop.advance(LONG);
    assertThat(answer.items()).isEmpty();
    answer.request(5);
    loop.advance(LONG);
    assertThat(answer.items()).hasSize(5);
    answer.request(Long.MAX_VALUE);
    loop.runUntilIdle();
    assertThat(text(answer)).isEqualTo(numbers(100));
    assertThat(answer.completed()).isTrue();
  }

  @Test
  void catchesUpWithItsScheduleOnceItIsWantedAgain() {
    Recorder<AgentEvent> answer = ask("/count 100 10", new Recorder<>(3));
    loop.advance(Duration.ofSeconds(5));
    assertThat(text(answer)).isEqualTo("1 ");
    answer.request(Long.MAX_VALUE);
    loop.runUntilIdle();
    assertThat(text(answer)).isEqualTo(numbers(51));
    loop.advance(Duration.ofSeconds(1));
    assertThat(text(answer)).isEqualTo(numbers(61));
  }

  @Test
  void bearsRequestsFromWithinWithoutDeepRecursion() {
    Recorder<AgentEvent> answer =
        ask(
            "/count 200000 0",
            new Recorder<AgentEvent>(1).reacting((recorder, _) -> recorder.request(1)));
    loop.runUntilIdle();
    assertThat(deltas(answer)).hasSize(200_000);
    assertThat(answer.completed()).isTrue();
  }

  @Test
  void letsOtherTasksOfTheLoopInBetween() {
    Recorder<AgentEvent> answer = Recorder.ofAll();
    List<Integer> seen = new ArrayList<>();
    loop.execute(
        new Runnable() {
          @Override
          public void run() {
            seen.add(answer.items().size());
            if (seen.size() < 10) {
              loop.execute(this);
            }
          }
        });
    var _ = ask("/count 100000 0", answer);
    for (int i = 1; i < seen.size(); i++) {
      assertThat(seen.get(i) - seen.get(i - 1)).isLessThanOrEqualTo(PacedSubscription.SLICE_MAX);
    }
    assertThat(seen.getLast()).isPositive().isLessThan(100_000);
  }

  @Test
  void stopsAtOnceWhenItIsCancelledAndLeavesNoTimer() {
    Recorder<AgentEvent> answer = ask("/count 100", Recorder.ofAll());
    loop.advance(Duration.ofMillis(100));
    int before = answer.items().size();
    answer.cancel();
    loop.advance(LONG);
    assertThat(answer.items()).hasSize(before);
    assertThat(answer.completed()).isFalse();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void stopsAtOnceWhenItIsCancelledFromWithin() {
    Recorder<AgentEvent> answer =
        ask(
            "/count 100 0",
            Recorder.<AgentEvent>ofAll()
                .reacting((recorder, _) -> {
                  if (recorder.items().size() == 10) {
                    recorder.cancel();
                  }
                }));
    loop.advance(LONG);
    assertThat(answer.items()).hasSize(10);
  }

  @Test
  void failsARequestForNothing() {
    Recorder<AgentEvent> answer = ask("/count 100", new Recorder<>(0));
    answer.request(0);
    loop.runUntilIdle();
    assertThat(answer.failure()).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thinksBeforeItAnswers() {
    Recorder<AgentEvent> answer = whole("/think 20");
    List<Content> contents = contents(answer);
    assertThat(contents.get(1)).isEqualTo(new ChatStreamEvent.ReasoningStart("r1"));
    assertThat(contents.subList(2, 22))
        .allMatch(
            c -> c instanceof ChatStreamEvent.ReasoningDelta delta && delta.id().equals("r1"));
    assertThat(contents.get(22)).isEqualTo(new ChatStreamEvent.ReasoningEnd("r1"));
    assertThat(text(answer)).isEqualTo("That took 20 tokens of thought.");
    assertThat(finished(answer).usage()).isEqualTo(Usage.of(2, 26));
  }

  @Test
  void callsAToolThatEchoesItsInput() {
    Recorder<AgentEvent> answer = whole("/tool look-up {\"q\": [1, \"é\"]}");
    JsonText input = new JsonText("{\"q\": [1, \"é\"]}");
    assertThat(contents(answer))
        .startsWith(
            new ChatStreamEvent.StartStep(),
            new ChatStreamEvent.ToolInputStart("call1", "look-up"),
            new ChatStreamEvent.ToolInputAvailable("call1", "look-up", input),
            new ChatStreamEvent.ToolOutputAvailable("call1", input, false),
            new ChatStreamEvent.FinishStep(),
            new ChatStreamEvent.StartStep(),
            new ChatStreamEvent.TextStart("t1"));
    assertThat(text(answer)).isEqualTo("The tool `look-up` gave its input back.");
  }

  @Test
  void putsAToolsInputOnOneLine() {
    Recorder<AgentEvent> answer = whole("/tool t {\n\"a\":\r\n \"b\\nc\"}");
    assertThat(contents(answer).get(2))
        .isEqualTo(
            new ChatStreamEvent.ToolInputAvailable(
                "call1", "t", new JsonText("{ \"a\":   \"b\\nc\"}")));
  }

  @ParameterizedTest
  @CsvSource({"/fail 3,false", "/fail 3 retryable,true", "/fail 0,false"})
  void failsAfterItsTokens(String message, boolean retryable) {
    Recorder<AgentEvent> answer = whole(message);
    assertThat(text(answer)).isEqualTo(message.startsWith("/fail 3") ? "1 2 3 " : "");
    assertThat(answer.completed()).isFalse();
    assertThat(answer.failure())
        .isInstanceOfSatisfying(
            AgentFailure.class, f -> assertThat(f.retryable()).isEqualTo(retryable));
    assertThat(loop.timers()).isZero();
  }

  @Test
  void failsEvenWhenNobodyWantsMore() {
    Recorder<AgentEvent> answer = ask("/fail 0", new Recorder<>(2));
    loop.runUntilIdle();
    assertThat(answer.failure()).isInstanceOf(AgentFailure.class);
  }

  @Test
  void hangsAfterItsTokensWithoutATimer() {
    Recorder<AgentEvent> answer = whole("/hang 3");
    assertThat(text(answer)).isEqualTo("1 2 3 ");
    assertThat(answer.completed()).isFalse();
    assertThat(answer.failure()).isNull();
    assertThat(loop.timers()).isZero();
    answer.cancel();
  }

  @Test
  void startsSlowly() {
    Recorder<AgentEvent> answer = ask("/slowstart 700", Recorder.ofAll());
    loop.advance(Duration.ofMillis(699));
    assertThat(answer.items()).isEmpty();
    loop.advance(Duration.ofMillis(1));
    assertThat(text(answer)).isEqualTo("1 ");
    loop.advance(LONG);
    assertThat(text(answer)).isEqualTo(numbers(10));
  }

  @Test
  void saysOneBigToken() {
    Recorder<AgentEvent> answer = whole("/big 100000");
    assertThat(deltas(answer)).hasSize(1);
    assertThat(text(answer)).hasSize(100_000);
    assertThat(finished(answer).usage().outputTokens()).isEqualTo(1);
  }

  @Test
  void reportsTheUsageItIsTold() {
    Recorder<AgentEvent> answer = whole("/usage 12 34");
    assertThat(text(answer)).isEqualTo("This answer reports 12 input and 34 output tokens.");
    assertThat(finished(answer).usage()).isEqualTo(Usage.of(12, 34));
  }

  @Test
  void stampsTokensWithTheTimeTheyWereMade() {
    long begin = loop.nanoTime();
    Recorder<AgentEvent> answer = ask("/stamp 4 10", new Recorder<>(3));
    loop.advance(Duration.ofMillis(250));
    answer.request(Long.MAX_VALUE);
    loop.advance(LONG);
    List<Long> millis =
        deltas(answer).stream()
            .map(d -> (Long.parseLong(d.text().strip().substring(1)) - begin) / 1_000_000)
            .toList();
    assertThat(millis).containsExactly(0L, 250L, 250L, 300L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/count",
        "/count x",
        "/count -1",
        "/count 1 2 3",
        "/count 99999999999999999999",
        "/count 10 9999999999",
        "/stamp",
        "/think",
        "/think 1 2",
        "/tool",
        "/tool name",
        "/tool name {",
        "/tool name {} {}",
        "/tool name [1.5e99999999999]",
        "/tool na.me {}",
        "/fail",
        "/fail retryable",
        "/fail 1 maybe",
        "/hang x",
        "/slowstart",
        "/slowstart 3600001",
        "/big 0",
        "/big 8388609",
        "/usage 1"
      })
  void answersAMalformedCommandWithTheRightForm(String message) {
    Recorder<AgentEvent> answer = whole(message);
    String command = message.split(" ", 2)[0];
    assertThat(text(answer)).startsWith("The right form is `" + command + " ").endsWith("`.");
    assertThat(answer.completed()).isTrue();
  }

  @Test
  void refusesAToolsInputThatIsNestedTooDeepToBeStored() {
    Recorder<AgentEvent> answer = whole("/tool name " + "[".repeat(10_000) + "]".repeat(10_000));
    assertThat(text(answer)).startsWith("The right form is");
  }

  @Test
  void quotesAnyOtherTextInAboutSixtyWordsAtFortyASecond() {
    Recorder<AgentEvent> answer = ask("What is **this**?", Recorder.ofAll());
    loop.advance(Duration.ofMillis(500));
    assertThat(deltas(answer)).hasSize(21);
    loop.advance(LONG);
    assertThat(text(answer)).startsWith("> What is **this**?\n\n");
    assertThat(DemoText.countWords(text(answer))).isBetween(50L, 70L);
    assertThat(finished(answer).usage()).isEqualTo(Usage.of(3, deltas(answer).size()));
  }

  @Test
  void answersSeveralLinesInTwoParts() {
    Recorder<AgentEvent> answer = whole("first line\n\nsecond line\nthird");
    assertThat(parts(answer)).filteredOn(MessagePart.Text.class::isInstance).hasSize(2);
    assertThat(text(answer)).startsWith("> first line\n> second line\n\n");
    assertThat(DemoText.countWords(text(answer))).isBetween(50L, 70L);
    assertThat(contents(answer)).contains(new ChatStreamEvent.TextStart("t2"));
  }

  @Test
  void shortensALongQuoteWithoutSplittingACharacter() {
    Recorder<AgentEvent> answer = whole("x" + "😀".repeat(100_000));
    assertThat(text(answer)).startsWith("> x" + "😀".repeat(39) + "…\n");
    Recorder<AgentEvent> words = whole("a b c d e f g h i j");
    assertThat(text(words)).startsWith("> a b c d e f g h…\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/counter 5", "/unknown", "count 5", " ", "/"})
  void takesWhatIsNoCommandForText(String message) {
    Recorder<AgentEvent> answer = whole(message);
    assertThat(text(answer)).contains("This is the demo agent");
  }

  @Test
  void countsTheWholeConversationAsInput() {
    history =
        List.of(
            new ChatMessage.OfUser(user("three little words")),
            new ChatMessage.OfAgent(
                new MessageId("a1"),
                new TurnId("turn0"),
                List.of(new MessagePart.Text("two words"), new MessagePart.StepStart()),
                false,
                Usage.NONE,
                null,
                Instant.EPOCH));
    assertThat(finished(whole("/count 4 0")).usage()).isEqualTo(Usage.of(8, 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello there", "/count 20", "/think 9", "/tool t {}", "a\nb"})
  void givesTheSameAnswerToTheSameMessage(String message) {
    assertThat(whole(message).items()).isEqualTo(whole(message).items());
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello there", "/count 20", "/think 9", "/tool t {}", "a\nb", "/big 9"})
  void endsEveryPartItStarts(String message) {
    TurnOutput output = TurnOutput.EMPTY;
    for (Content content : contents(whole(message))) {
      output = output.append(content);
    }
    assertThat(output.missingEnds()).isEmpty();
  }

  @Test
  void failsWhenTheHistoryCannotBeRead() {
    Recorder<AgentEvent> answer = Recorder.ofAll();
    new DemoAgent()
        .answer(
            new AgentContext(
                new SessionKey("u", "demo", "t"),
                new TurnId("turn1"),
                user("hello"),
                Uni.createFrom().failure(new IllegalStateException("away")),
                null,
                Usage.NONE,
                Usage.NONE,
                _ -> Uni.createFrom().nothing(),
                loop))
        .subscribe(answer);
    loop.runUntilIdle();
    assertThat(answer.failure()).hasMessage("away");
  }

  /// The answer when everything is wanted, after a long time.
  private Recorder<AgentEvent> whole(String message) {
    Recorder<AgentEvent> answer = ask(message, Recorder.ofAll());
    loop.advance(LONG);
    return answer;
  }

  private Recorder<AgentEvent> ask(String message, Recorder<AgentEvent> recorder) {
    return ask(message, recorder, loop);
  }

  private Recorder<AgentEvent> ask(
      String message, Recorder<AgentEvent> recorder, ManualEventLoop on) {
    AgentContext context =
        new AgentContext(
            new SessionKey("u", "demo", "t"),
            new TurnId("turn1"),
            user(message),
            Uni.createFrom().item(history),
            null,
            Usage.NONE,
            Usage.NONE,
            _ -> Uni.createFrom().nothing(),
            on);
    on.execute(() -> new DemoAgent().answer(context).subscribe(recorder));
    on.runUntilIdle();
    return recorder;
  }

  private static UserMessage user(String content) {
    return new UserMessage(new MessageId("m1"), content, null, null, Instant.EPOCH);
  }

  private static List<Content> contents(Recorder<AgentEvent> answer) {
    return answer.items().stream()
        .filter(AgentEvent.Said.class::isInstance)
        .map(event -> ((AgentEvent.Said) event).content())
        .toList();
  }

  private static List<Delta> deltas(Recorder<AgentEvent> answer) {
    return contents(answer).stream()
        .filter(Delta.class::isInstance)
        .map(Delta.class::cast)
        .toList();
  }

  private static String text(Recorder<AgentEvent> answer) {
    return parts(answer).stream()
        .filter(MessagePart.Text.class::isInstance)
        .map(part -> ((MessagePart.Text) part).text())
        .collect(Collectors.joining());
  }

  private static List<MessagePart> parts(Recorder<AgentEvent> answer) {
    TurnOutput output = TurnOutput.EMPTY;
    for (Content content : contents(answer)) {
      output = output.append(content);
    }
    return output.parts();
  }

  private static AgentEvent.Finished finished(Recorder<AgentEvent> answer) {
    assertThat(answer.completed()).isTrue();
    @Nullable AgentEvent last = answer.items().getLast();
    return (AgentEvent.Finished) last;
  }

  private static String numbers(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(n -> n + " ").collect(Collectors.joining());
  }
}
