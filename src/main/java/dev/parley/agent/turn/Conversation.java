package dev.parley.agent.turn;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.parley.agent.llm.JsonWords;
import dev.parley.agent.llm.MessageFiles;
import dev.parley.content.JsonText;
import dev.parley.content.MessagePart;
import dev.parley.content.Utf8;
import dev.parley.session.ChatMessage;
import dev.parley.session.UserMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a model is told of a conversation: a function of its history alone, so that the same
/// history gives the same request.
///
/// The window is filled from its newest end and begins with a message of the user. Reasoning is
/// left out: providers take back only what they have signed, and only within a turn. Calls of tools
/// have ids of their own here, because providers that do not name calls would name two alike. Of
/// files in a message it is told that there are some: most models take none of most kinds, and one
/// that is refused would end every turn from there on.
final class Conversation {
  private static final String CUT_OFF = "[This answer was cut off here.]";
  private static final String NOT_DONE = "The answer was cut off before this tool was done.";
  private static final String NO_TEXT = "[This message has no text.]";
  private static final String FILES = "[Attached files that cannot be shown here: ";
  private static final String DENIED = "The user did not agree to this call.";

  /// A rule of thumb that needs no tokenizer of a provider, and is on the safe side for most texts.
  private static final int BYTES_PER_TOKEN = 4;

  /// What a message costs beside its text.
  private static final int MESSAGE_TOKENS = 4;

  private Conversation() {}

  /// How much of a conversation a model is told.
  ///
  /// @param tokensMax with the system prompt and the input, as [#tokens] counts
  /// @param messagesMax of history
  record Window(int tokensMax, int messagesMax) {}

  /// @param tools the model is told of tools: providers refuse calls where they have been told of
  ///   none, so that without them history is told without its calls
  static List<dev.langchain4j.data.message.ChatMessage> of(
      @Nullable String systemPrompt,
      List<ChatMessage> history,
      UserMessage input,
      Window window,
      boolean tools) {
    String asked = words(input);
    long room = window.tokensMax() - tokens(asked);
    List<dev.langchain4j.data.message.ChatMessage> told = new ArrayList<>();
    if (systemPrompt != null) {
      told.add(SystemMessage.from(systemPrompt));
      room -= tokens(systemPrompt);
    }
    Deque<Told> newest = new ArrayDeque<>();
    for (ChatMessage message : history.reversed()) {
      Told next = told(message, tools);
      room -= next.tokens();
      if (room < 0 || newest.size() == window.messagesMax()) {
        break;
      }
      newest.addFirst(next);
    }
    while (!newest.isEmpty() && !newest.getFirst().ofUser()) {
      newest.removeFirst();
    }
    newest.forEach(message -> told.addAll(message.messages()));
    told.add(dev.langchain4j.data.message.UserMessage.from(asked));
    return told;
  }

  /// Providers take no message without words.
  private static String words(UserMessage message) {
    int files = MessageFiles.count(message.parts());
    if (files == 0) {
      return message.content().isBlank() ? NO_TEXT : message.content();
    }
    String told = FILES + files + "]";
    return message.content().isBlank() ? told : message.content() + "\n\n" + told;
  }

  /// About how many tokens a text is.
  static long tokens(String text) {
    return MESSAGE_TOKENS + tokens(Utf8.length(text));
  }

  /// About how many tokens so many bytes of text are.
  static long tokens(long bytes) {
    return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
  }

  /// About how many tokens a model is given with these messages.
  static long tokens(List<dev.langchain4j.data.message.ChatMessage> messages) {
    return messages.stream().mapToLong(Conversation::tokens).sum();
  }

  private static long tokens(dev.langchain4j.data.message.ChatMessage message) {
    return switch (message) {
      case SystemMessage system -> tokens(system.text());
      case dev.langchain4j.data.message.UserMessage user -> tokens(user.singleText());
      case ToolExecutionResultMessage result -> tokens(result.text());
      case AiMessage answer ->
          tokens(Objects.requireNonNullElse(answer.text(), ""))
              + answer.toolExecutionRequests().stream()
                  .mapToLong(call -> tokens(call.arguments()))
                  .sum();
      default -> throw new IllegalArgumentException("a conversation holds no other messages");
    };
  }

  /// A message of history as a model is told it.
  private record Told(
      boolean ofUser, List<dev.langchain4j.data.message.ChatMessage> messages, long tokens) {}

  private static Told told(ChatMessage message, boolean tools) {
    return switch (message) {
      case ChatMessage.OfUser user -> {
        String words = words(user.message());
        yield new Told(
            true, List.of(dev.langchain4j.data.message.UserMessage.from(words)), tokens(words));
      }
      case ChatMessage.OfAgent agent -> {
        Steps steps = new Steps(agent.id().value(), tools);
        agent.parts().forEach(steps::add);
        steps.end(agent.interrupted());
        yield new Told(false, steps.messages, steps.tokens);
      }
    };
  }

  /// Makes messages of an answer's parts: one for each step that said or called something, and one
  /// for each result.
  private static final class Steps {
    private final List<dev.langchain4j.data.message.ChatMessage> messages = new ArrayList<>();
    private final String answerId;
    private final boolean tools;
    private final StringBuilder text = new StringBuilder();
    private final List<ToolExecutionRequest> calls = new ArrayList<>();
    private final List<ToolExecutionResultMessage> results = new ArrayList<>();
    private int count;
    private long tokens;

    Steps(String answerId, boolean tools) {
      this.answerId = answerId;
      this.tools = tools;
    }

    void add(MessagePart part) {
      switch (part) {
        case MessagePart.StepStart _ -> step();
        case MessagePart.Text said -> {
          if (!calls.isEmpty()) {
            step();
          }
          text.append(said.text());
        }
        case MessagePart.Tool tool -> tool(tool);
        case MessagePart.Reasoning _,
            MessagePart.File _,
            MessagePart.SourceUrl _,
            MessagePart.SourceDocument _,
            MessagePart.Data _ -> {}
      }
    }

    void end(boolean cutOff) {
      if (cutOff && calls.isEmpty()) {
        text.append(text.isEmpty() ? "" : "\n\n").append(CUT_OFF);
      }
      step();
    }

    private void tool(MessagePart.Tool tool) {
      JsonText input = tool.input();
      if (!tools || input == null) {
        return;
      }
      ToolExecutionRequest call =
          ToolExecutionRequest.builder()
              .id(answerId + "_" + count++)
              .name(tool.toolName())
              .arguments(JsonWords.object(input))
              .build();
      calls.add(call);
      boolean worked = tool.state() == MessagePart.ToolState.OUTPUT_AVAILABLE;
      String result =
          switch (tool.state()) {
            case OUTPUT_AVAILABLE -> JsonWords.text(Objects.requireNonNull(tool.output()));
            case OUTPUT_ERROR -> Objects.requireNonNullElse(tool.errorText(), NOT_DONE);
            case OUTPUT_DENIED -> DENIED;
            case INPUT_AVAILABLE, INPUT_STREAMING -> NOT_DONE;
          };
      results.add(
          ToolExecutionResultMessage.builder()
              .id(call.id())
              .toolName(call.name())
              .text(result)
              .isError(!worked)
              .build());
      tokens += tokens(input.text()) + tokens(result);
    }

    private void step() {
      if (text.toString().isBlank()) {
        text.setLength(0);
      }
      if (text.isEmpty() && calls.isEmpty()) {
        return;
      }
      AiMessage.Builder message = AiMessage.builder().toolExecutionRequests(List.copyOf(calls));
      if (!text.isEmpty()) {
        message.text(text.toString());
        tokens += Conversation.tokens(text.toString());
      }
      messages.add(message.build());
      messages.addAll(results);
      text.setLength(0);
      calls.clear();
      results.clear();
    }
  }
}
