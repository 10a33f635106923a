package dev.parley.wire.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.parley.content.Utf8;
import dev.parley.session.RefusedException;
import dev.parley.testing.fuzz.Mutations;
import dev.parley.testing.fuzz.Transcripts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/// Whatever is posted, it is a body whose texts can be stored, or it is refused.
class ChatBodyFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final List<byte[]> POSTS =
      new Transcripts("ann", "t1", 7)
          .posts().stream().map(post -> post.getBytes(StandardCharsets.UTF_8)).toList();

  @Property(tries = 300)
  void aBodyIsReadOrRefused(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < 50; i++) {
            byte[] post = POSTS.get(random.nextInt(POSTS.size()));
            byte[] other = POSTS.get(random.nextInt(POSTS.size()));
            String json =
                new String(new Mutations(random).damage(post, other), StandardCharsets.UTF_8);
            ChatBody body = unlessRefused(json);
            assertThat(body == null || Utf8.isStorable(body.toString())).as(json).isTrue();
          }
        });
  }

  private static @Nullable ChatBody unlessRefused(String json) {
    try {
      return ChatBody.read(json);
    } catch (RefusedException refused) {
      return null;
    }
  }
}
