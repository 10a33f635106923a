package dev.parley.agent.turn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.parley.agent.turn.Conversation.Window;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.MessagePart.ToolState;
import dev.parley.content.Usage;
import dev.parley.session.ChatMessage.OfAgent;
import dev.parley.session.ChatMessage.OfUser;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a model is told of a conversation, and how much of it.
class ConversationTest {
  private static final Window WIDE = new Window(100_000, 100);

  @Test
  void tellsPromptHistoryAndInputInTheirOrder() {
    assertThat(
            Conversation.of(
                "Be brief.",
                List.of(user("u1", "hi"), agent("a1", false, new MessagePart.Text("hello"))),
                input("and?"),
                WIDE,
                true))
        .containsExactly(
            SystemMessage.from("Be brief."),
            dev.langchain4j.data.message.UserMessage.from("hi"),
            AiMessage.from("hello"),
            dev.langchain4j.data.message.UserMessage.from("and?"));
  }

  @Test
  void marksAnswersThatWereCutOffAlsoBeforeTheirFirstWord() {
    assertThat(
            tell(
                user("u1", "one"),
                agent("a1", true, new MessagePart.Text("half")),
                user("u2", "two"),
                agent("a2", true)))
        .filteredOn(AiMessage.class::isInstance)
        .extracting(message -> ((AiMessage) message).text())
        .containsExactly(
            "half\n\n[This answer was cut off here.]", "[This answer was cut off here.]");
  }

  @Test
  void tellsEachStepWithItsCallsAndWhatCameOfThem() {
    List<ChatMessage> told =
        tell(
            user("u1", "look"),
            agent(
                "a1",
                false,
                new MessagePart.StepStart(),
                new MessagePart.Reasoning("hm"),
                new MessagePart.Text("Looking. "),
                tool(ToolState.OUTPUT_AVAILABLE, "\"plain \\u00fc\"", null),
                tool(ToolState.OUTPUT_AVAILABLE, "{\"n\":1}", null),
                tool(ToolState.OUTPUT_ERROR, null, "it broke"),
                tool(ToolState.OUTPUT_DENIED, null, null),
                tool(ToolState.INPUT_AVAILABLE, null, null),
                new MessagePart.StepStart(),
                new MessagePart.Text("Found.")));
    assertThat(told.get(1))
        .isEqualTo(
            AiMessage.builder()
                .text("Looking. ")
                .toolExecutionRequests(
                    IntStream.range(0, 5).mapToObj(ConversationTest::call).toList())
                .build());
    assertThat(told.subList(2, 7))
        .containsExactly(
            result(0, "plain ü", false),
            result(1, "{\"n\":1}", false),
            result(2, "it broke", true),
            result(3, "The user did not agree to this call.", true),
            result(4, "The answer was cut off before this tool was done.", true));
    assertThat(told.get(7)).isEqualTo(AiMessage.from("Found."));
  }

  @Test
  void tellsCallsWithObjectsAlone() {
    MessagePart unreadable =
        new MessagePart.Tool(
            "c",
            "look",
            ToolState.OUTPUT_ERROR,
            new JsonText("\"{\\\"city\\\":\""),
            "{\"city\":",
            null,
            "not an object");
    List<ChatMessage> told =
        tell(user("u1", "look"), agent("a1", false, new MessagePart.StepStart(), unreadable));
    assertThat(told.get(1))
        .isEqualTo(
            AiMessage.builder().toolExecutionRequests(List.of(ConversationTest.call(0))).build());
    assertThat(told.get(2)).isEqualTo(result(0, "not an object", true));
  }

  @Test
  void tellsNothingWithoutWords() {
    List<ChatMessage> told =
        Conversation.of(
            null,
            List.of(
                user("u1", ""),
                agent(
                    "a1",
                    false,
                    new MessagePart.StepStart(),
                    new MessagePart.Text(" \n"),
                    tool(ToolState.OUTPUT_AVAILABLE, "1", null),
                    new MessagePart.StepStart(),
                    new MessagePart.Text(" \n"))),
            input(" "),
            WIDE,
            true);
    assertThat(told)
        .containsExactly(
            dev.langchain4j.data.message.UserMessage.from("[This message has no text.]"),
            AiMessage.builder().toolExecutionRequests(List.of(call(0))).build(),
            result(0, "1", false),
            dev.langchain4j.data.message.UserMessage.from("[This message has no text.]"));
  }

  @Test
  void tellsThatThereAreFilesAndCountsTheWordsForIt() {
    String none =
        "[{\"type\":\"text\",\"text\":\"file\"},{\"type\":\"data-file\",\"data\":[1e999]}]";
    String file =
        "{\"mediaType\":\"image/png\",\"type\":\"file\",\"url\":\"https://secret.example/x\"}";
    List<dev.parley.session.ChatMessage> history =
        List.of(
            new OfUser(input("look", none)),
            agent("a1", false, new MessagePart.Text("at?")),
            new OfUser(input("look", "[" + file + "]")),
            agent("a2", false, new MessagePart.Text("where?")));
    UserMessage last = input("", "[" + file + ",{\"type\":\"step-start\"}," + file + "]");
    String one = "look\n\n[Attached files that cannot be shown here: 1]";
    String two = "[Attached files that cannot be shown here: 2]";
    assertThat(Conversation.of(null, history, last, WIDE, true))
        .containsExactly(
            dev.langchain4j.data.message.UserMessage.from("look"),
            AiMessage.from("at?"),
            dev.langchain4j.data.message.UserMessage.from(one),
            AiMessage.from("where?"),
            dev.langchain4j.data.message.UserMessage.from(two));
    long fits = Conversation.tokens(one) + Conversation.tokens("where?") + Conversation.tokens(two);
    for (int missing = 0; missing < 2; missing++) {
      assertThat(Conversation.of(null, history, last, new Window((int) fits - missing, 99), true))
          .hasSize(missing == 0 ? 3 : 1);
    }
  }

  @Test
  void tellsNoCallsWhereTheModelHasNoTools() {
    assertThat(
            Conversation.of(
                null,
                List.of(
                    user("u1", "look"),
                    agent(
                        "a1",
                        false,
                        new MessagePart.StepStart(),
                        tool(ToolState.OUTPUT_AVAILABLE, "1", null),
                        new MessagePart.StepStart(),
                        new MessagePart.Text("Found."))),
                input("and?"),
                WIDE,
                false))
        .containsExactly(
            dev.langchain4j.data.message.UserMessage.from("look"),
            AiMessage.from("Found."),
            dev.langchain4j.data.message.UserMessage.from("and?"));
  }

  @Test
  void fillsTheWindowFromItsNewestEndAndBeginsWithTheUser() {
    dev.parley.session.ChatMessage[] history = {
      user("u1", "x".repeat(400)),
      agent("a1", false, new MessagePart.Text("first")),
      user("u2", "second"),
      agent("a2", false, new MessagePart.Text("third"))
    };
    List<ChatMessage> all = tell(history);
    assertThat(all).hasSize(5);
    // without the first message, the answer to it does not stand at the beginning
    assertThat(told(new Window(60, 100), history)).containsExactlyElementsOf(all.subList(2, 5));
    assertThat(told(new Window(100_000, 3), history)).containsExactlyElementsOf(all.subList(2, 5));
    assertThat(told(new Window(100_000, 4), history)).isEqualTo(all);
    assertThat(told(new Window(1, 100), history)).containsExactly(all.getLast());
  }

  @Test
  void countsBytesAndNotCharacters() {
    long each = Conversation.tokens("ü".repeat(40));
    assertThat(each).isEqualTo(24);
    dev.parley.session.ChatMessage[] history = {user("u1", "ü".repeat(40))};
    long input = Conversation.tokens("input");
    assertThat(told(new Window((int) (input + each), 9), history)).hasSize(2);
    assertThat(told(new Window((int) (input + each - 1), 9), history)).hasSize(1);
  }

  @Test
  void asksTheSameForTheSameHistory() {
    dev.parley.session.ChatMessage[] history = {
      user("u1", "look"), agent("a1", true, tool(ToolState.INPUT_AVAILABLE, null, null))
    };
    assertThat(tell(history)).isEqualTo(tell(history));
  }

  private static List<ChatMessage> tell(dev.parley.session.ChatMessage... history) {
    return told(WIDE, history);
  }

  private static List<ChatMessage> told(Window window, dev.parley.session.ChatMessage... history) {
    return Conversation.of(null, List.of(history), input("input"), window, true);
  }

  private static ToolExecutionRequest call(int n) {
    return ToolExecutionRequest.builder().id("a1_" + n).name("look").arguments("{}").build();
  }

  private static ToolExecutionResultMessage result(int n, String text, boolean error) {
    return ToolExecutionResultMessage.builder()
        .id("a1_" + n)
        .toolName("look")
        .text(text)
        .isError(error)
        .build();
  }

  private static MessagePart tool(
      ToolState state, @Nullable String output, @Nullable String errorText) {
    return new MessagePart.Tool(
        "call0",
        "look",
        state,
        new JsonText("{}"),
        null,
        output == null ? null : new JsonText(output),
        errorText);
  }

  private static dev.parley.session.ChatMessage user(String id, String text) {
    return new OfUser(new UserMessage(new MessageId(id), text, null, null, Instant.EPOCH));
  }

  private static dev.parley.session.ChatMessage agent(
      String id, boolean interrupted, MessagePart... parts) {
    return new OfAgent(
        new MessageId(id),
        new TurnId("t"),
        List.of(parts),
        interrupted,
        Usage.NONE,
        null,
        Instant.EPOCH);
  }

  private static UserMessage input(String text) {
    return new UserMessage(new MessageId("in"), text, null, null, Instant.EPOCH);
  }

  private static UserMessage input(String text, String parts) {
    return new UserMessage(new MessageId("in"), text, new JsonText(parts), null, Instant.EPOCH);
  }
}
