package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.parley.content.JsonText;
import dev.parley.content.Utf8;
import dev.parley.session.RefusedException;
import dev.parley.testing.CountedIds;
import dev.parley.testing.fuzz.Mutations;
import dev.parley.testing.fuzz.Transcripts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/// Whatever a payload is, it is a call whose texts can be stored, or it is refused.
class CallFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String KEY = "bob:demo:t2";
  private static final List<byte[]> PAYLOADS =
      new Transcripts("ann", "t1", 7)
          .payloads().stream().map(p -> p.getBytes(StandardCharsets.UTF_8)).toList();

  private final CallDecoder decoder =
      new CallDecoder(
          new CountedIds(),
          1024,
          new PageLimits(
              new PageLimits.Limit(50, 500),
              new PageLimits.Limit(40, 400),
              new PageLimits.Limit(30, 300)),
          JsonLimits.DEFAULTS);

  @Property(tries = 100)
  void aPayloadIsACallOrRefused(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < 20; i++) {
            String payload = new String(damaged(random), StandardCharsets.UTF_8);
            for (String tag : Transcripts.tags()) {
              Call call = unlessRefused(() -> decoder.decode(tag, payload));
              assertThat(call == null || Utf8.isStorable(call.toString())).as(payload).isTrue();
            }
          }
        });
  }

  @Property(tries = 300)
  void partsAreKeptInAFormThatCanBeReadAgainOrRefused(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < 50; i++) {
            String payload = new String(damaged(random), StandardCharsets.UTF_8);
            String json = payload.substring(Math.max(0, payload.indexOf('[')));
            JsonText parts = unlessRefused(() -> MessageParts.read(json, "parts"));
            if (parts != null) {
              assertThat(Utf8.isStorable(parts.text())).as(json).isTrue();
              assertThat(MessageParts.read(parts.text(), "parts")).isEqualTo(parts);
            }
          }
        });
  }

  @Property(tries = 300)
  void aBodyIsAboutTheSessionOfItsAddressOrRefused(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < 50; i++) {
            byte[] body =
                new String(damaged(random), StandardCharsets.ISO_8859_1)
                    .replace("ann:demo:t1", KEY)
                    .getBytes(StandardCharsets.ISO_8859_1);
            String payload = unlessRefused(() -> RequestBody.payload(body, KEY));
            if (payload != null) {
              assertThat(Payload.parse(payload).text("sessionId")).isEqualTo(KEY);
            }
            String whole = unlessRefused(() -> RequestBody.payload(body));
            if (whole != null) {
              assertThat(Payload.parse(whole)).isNotNull();
            }
          }
        });
  }

  private interface Reading<T> {
    @Nullable T read();
  }

  private static <T> @Nullable T unlessRefused(Reading<T> reading) {
    try {
      return reading.read();
    } catch (RefusedException refused) {
      return null;
    }
  }

  private static byte[] damaged(SplittableRandom random) {
    byte[] payload = PAYLOADS.get(random.nextInt(PAYLOADS.size()));
    byte[] other = PAYLOADS.get(random.nextInt(PAYLOADS.size()));
    return new Mutations(random).damage(payload, other);
  }
}
