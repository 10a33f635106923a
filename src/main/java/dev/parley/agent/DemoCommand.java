package dev.parley.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.parley.content.JsonText;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a message asks of the demo agent.
sealed interface DemoCommand {

  /// @param ratePerSecond tokens per second; 0: as fast as they are taken
  record Count(int tokens, int ratePerSecond) implements DemoCommand {}

  /// As [Count], and each token tells when it was made: for measuring latency on one machine.
  record Stamp(int tokens, int ratePerSecond) implements DemoCommand {}

  record Think(int tokens) implements DemoCommand {}

  record Tool(String name, JsonText input) implements DemoCommand {}

  record Fail(int tokens, boolean retryable) implements DemoCommand {}

  record Hang(int tokens) implements DemoCommand {}

  record SlowStart(int delayMs) implements DemoCommand {}

  record Big(int bytes) implements DemoCommand {}

  record Report(int inputTokens, int outputTokens) implements DemoCommand {}

  /// A command in a form that it does not have.
  record Malformed(String rightForm) implements DemoCommand {}

  /// Anything that is no command.
  record Talk(String message) implements DemoCommand {}

  /// Months of streaming at the default rate; a turn's output is bounded elsewhere.
  int TOKENS_MAX = 100_000_000;

  int RATE_MAX = 1_000_000;
  int RATE_DEFAULT = 50;
  int DELAY_MS_MAX = 3_600_000;

  /// Beyond a turn's default output limit, so that the limit can be shown.
  int BIG_BYTES_MAX = 8 * 1024 * 1024;

  /// The command in a message; every message has one.
  static DemoCommand of(String message) {
    String text = message.strip();
    int space = firstSpace(text);
    String rest = text.substring(space).strip();
    Arguments given = new Arguments(rest);
    return switch (text.substring(0, space)) {
      case "/count" ->
          given
              .tokensAndRate()
              .<DemoCommand>map(n -> new Count(n[0], n[1]))
              .orElse(new Malformed("/count N [RATE]"));
      case "/stamp" ->
          given
              .tokensAndRate()
              .<DemoCommand>map(n -> new Stamp(n[0], n[1]))
              .orElse(new Malformed("/stamp N [RATE]"));
      case "/think" ->
          given
              .numbers(TOKENS_MAX)
              .<DemoCommand>map(n -> new Think(n[0]))
              .orElse(new Malformed("/think N"));
      case "/tool" -> tool(rest);
      case "/fail" -> {
        boolean retryable = rest.endsWith(" retryable");
        String number = retryable ? rest.substring(0, rest.lastIndexOf(' ')).strip() : rest;
        yield new Arguments(number)
            .numbers(TOKENS_MAX)
            .<DemoCommand>map(n -> new Fail(n[0], retryable))
            .orElse(new Malformed("/fail N [retryable]"));
      }
      case "/hang" ->
          given
              .numbers(TOKENS_MAX)
              .<DemoCommand>map(n -> new Hang(n[0]))
              .orElse(new Malformed("/hang N"));
      case "/slowstart" ->
          given
              .numbers(DELAY_MS_MAX)
              .<DemoCommand>map(n -> new SlowStart(n[0]))
              .orElse(new Malformed("/slowstart MS"));
      case "/big" ->
          given
              .numbers(BIG_BYTES_MAX)
              .filter(n -> n[0] > 0)
              .<DemoCommand>map(n -> new Big(n[0]))
              .orElse(new Malformed("/big N, with N from 1 to " + BIG_BYTES_MAX));
      case "/usage" ->
          given
              .numbers(Integer.MAX_VALUE, Integer.MAX_VALUE)
              .<DemoCommand>map(n -> new Report(n[0], n[1]))
              .orElse(new Malformed("/usage IN OUT"));
      default -> new Talk(message);
    };
  }

  private static DemoCommand tool(String rest) {
    int space = firstSpace(rest);
    String name = rest.substring(0, space);
    JsonText input = OneLineJson.of(rest.substring(space).strip());
    return input != null && ToolName.isUsable(name)
        ? new Tool(name, input)
        : new Malformed("/tool NAME JSON");
  }

  private static int firstSpace(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isWhitespace(text.charAt(i))) {
        return i;
      }
    }
    return text.length();
  }

  /// The numbers behind a command.
  record Arguments(String text) {
    private static final Pattern SPACES = Pattern.compile("\\s+");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

    /// As many numbers as there are bounds, each from 0 to its bound; empty for anything else.
    Optional<int[]> numbers(int... bounds) {
      String[] words = SPACES.split(text, bounds.length + 1);
      if (words.length != bounds.length) {
        return Optional.empty();
      }
      int[] numbers = new int[bounds.length];
      for (int i = 0; i < numbers.length; i++) {
        if (!NUMBER.matcher(words[i]).matches() || Long.parseLong(words[i]) > bounds[i]) {
          return Optional.empty();
        }
        numbers[i] = Integer.parseInt(words[i]);
      }
      return Optional.of(numbers);
    }

    Optional<int[]> tokensAndRate() {
      return numbers(TOKENS_MAX, RATE_MAX)
          .or(() -> numbers(TOKENS_MAX).map(n -> new int[] {n[0], RATE_DEFAULT}));
    }
  }

  /// A tool's input as it was typed.
  final class OneLineJson {
    /// Far below what readers of the stored event accept, which is nested deeper.
    private static final int DEPTH_MAX = 100;

    private static final JsonFactory FACTORY =
        JsonFactory.builder()
            // The names are a client's: none may stay.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .build();

    private OneLineJson() {}

    /// The text, if it is one JSON value, without line breaks: JSON has them between its tokens
    /// only, and some wires cannot carry them.
    static @Nullable JsonText of(String text) {
      try (JsonParser parser = FACTORY.createParser(text)) {
        JsonToken first = parser.nextToken();
        if (first == null) {
          return null;
        }
        int depth = 0;
        for (JsonToken token = first; token != null; token = parser.nextToken()) {
          depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
          if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            // Throws when it is beyond all that can be read back.
            var _ = parser.getDecimalValue();
          }
          if (depth == 0) {
            break;
          }
        }
        parser.finishToken();
        return parser.nextToken() == null
            ? new JsonText(text.replace('\n', ' ').replace('\r', ' '))
            : null;
      } catch (IOException | NumberFormatException e) {
        return null;
      }
    }
  }
}
