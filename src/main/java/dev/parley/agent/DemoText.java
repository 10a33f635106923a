package dev.parley.agent;

import dev.parley.content.MessagePart;
import dev.parley.session.ChatMessage;
import dev.parley.session.UserMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The words of the demo agent.
final class DemoText {
  /// Cuts a text before each word: a token is a word and the space behind it.
  private static final Pattern BEFORE_WORD = Pattern.compile("(?<=\\s)(?=\\S)");

  private static final List<String> THOUGHTS =
      words("Reading the question, weighing what is known, leaving out what is not. ");

  private static final int QUOTED_LINES_MAX = 2;
  private static final int QUOTED_WORDS_MAX = 8;
  private static final int QUOTED_CHARS_MAX = 80;

  private DemoText() {}

  static List<String> words(String text) {
    return List.of(BEFORE_WORD.split(text));
  }

  /// A thought's word; they go round.
  static String thought(int index) {
    return THOUGHTS.get(index % THOUGHTS.size());
  }

  /// The answer to a message that is no command: the texts of one part, or of two when the message
  /// has several lines.
  static List<String> answer(String message) {
    List<String> lines = message.lines().filter(line -> !line.isBlank()).limit(3).toList();
    StringBuilder quote = new StringBuilder();
    for (String line : lines.subList(0, Math.min(QUOTED_LINES_MAX, lines.size()))) {
      quote.append("> ").append(shortened(line)).append('\n');
    }
    String counted = "**" + countWords(message) + "**";
    if (lines.size() < 2) {
      return List.of(
          quote
              + "\nThat is what you wrote, "
              + counted
              + " word(s) of it. This is the demo agent: no model, no key, no network, only these"
              + " words, one after the other, as a model would stream them. Cut the connection or"
              + " stop the server while they come: *nothing shown is lost*. Try `/count 100` or"
              + " `/think 20` next.");
    }
    return List.of(
        quote
            + "\nThat is how your message begins, "
            + counted
            + " words in all. This is the demo agent: no model, no key, no network.",
        "It had several lines, so this answer has two parts; this is the second. Cut the connection"
            + " while it comes: *nothing shown is lost*.");
  }

  /// Words of the conversation, what the demo agent takes for input tokens.
  static long countWords(List<ChatMessage> history, UserMessage input) {
    long words = countWords(input.content());
    for (ChatMessage message : history) {
      words +=
          switch (message) {
            case ChatMessage.OfUser user -> countWords(user.message().content());
            case ChatMessage.OfAgent agent -> countWords(agent.parts());
          };
    }
    return words;
  }

  private static long countWords(List<MessagePart> parts) {
    long words = 0;
    for (MessagePart part : parts) {
      if (part instanceof MessagePart.Text text) {
        words += countWords(text.text());
      }
    }
    return words;
  }

  static long countWords(String text) {
    long words = 0;
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      boolean space = Character.isWhitespace(text.charAt(i));
      if (!space && !inWord) {
        words++;
      }
      inWord = !space;
    }
    return words;
  }

  private static String shortened(String line) {
    String text = line.strip();
    int end = Math.min(text.length(), QUOTED_CHARS_MAX);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    List<String> words = new ArrayList<>(words(text.substring(0, end)));
    boolean whole = end == text.length() && words.size() <= QUOTED_WORDS_MAX;
    String kept = String.join("", words.subList(0, Math.min(words.size(), QUOTED_WORDS_MAX)));
    return whole ? kept : kept.stripTrailing() + "…";
  }
}
