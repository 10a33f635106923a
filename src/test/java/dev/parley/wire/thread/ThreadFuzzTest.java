package dev.parley.wire.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.content.Utf8;
import dev.parley.session.SessionKey;
import dev.parley.testing.fuzz.Mutations;
import dev.parley.testing.fuzz.Transcripts;
import dev.parley.wire.connection.ConnectionSettings;
import dev.parley.wire.turn.ChatNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/// Whatever a frame is, it is read as one that means something or as one that is wrong.
class ThreadFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Transcripts TRANSCRIPTS = new Transcripts("ann", "t1", 7);
  private static final List<byte[]> FRAMES =
      TRANSCRIPTS.threadFrames().stream()
          .map(frame -> frame.getBytes(StandardCharsets.UTF_8))
          .toList();

  private final ThreadReader reader =
      new ThreadReader(
          SessionKey.parse(TRANSCRIPTS.key()),
          new ChatNames("ann", "demo"),
          new ThreadSettings(4, 2048, 1024, ConnectionSettings.DEFAULTS));

  @Property(tries = 300)
  void everyFrameIsOneThatMeansSomethingOrIsWrong(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < 50; i++) {
            byte[] frame = FRAMES.get(random.nextInt(FRAMES.size()));
            byte[] other = FRAMES.get(random.nextInt(FRAMES.size()));
            byte[] damaged = new Mutations(random).damage(frame, other);
            ThreadFrame read = reader.read(damaged);
            String text = new String(damaged, StandardCharsets.UTF_8);
            if (read instanceof ThreadFrame.Wrong wrong) {
              assertThat(wrong.requestId() == null || Utf8.isStorable(wrong.requestId()))
                  .as(text)
                  .isTrue();
            } else {
              assertThat(isOneObject(text)).as(text).isTrue();
            }
          }
        });
  }

  @Test
  void refusesAFrameOfTwoMessages() {
    String frame = new String(FRAMES.getFirst(), StandardCharsets.UTF_8);
    assertThat(reader.read((frame + frame).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ThreadFrame.Wrong.class);
  }

  private static boolean isOneObject(String json) throws IOException {
    try (JsonParser parser = MAPPER.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    }
  }
}
