package dev.parley.wire.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parley.testing.fuzz.Mutations;
import dev.parley.testing.fuzz.Transcripts;
import dev.parley.wire.call.JsonLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/// Whatever bytes come, they are read as messages, and how they are cut does not matter.
class RpcFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<byte[]> LINES = lines();

  private final RpcReader reader = new RpcReader(JsonLimits.DEFAULTS);

  private static List<byte[]> lines() {
    Transcripts transcripts = new Transcripts("ann", "t1", 7);
    List<String> lines = new ArrayList<>(transcripts.version4());
    lines.addAll(transcripts.version3());
    return lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList();
  }

  @Property(tries = 300)
  void everyLineIsReadAsAMessage(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < 50; i++) {
            byte[] line = damagedLine(random);
            assertThat(reader.read(Serialization.NDJSON, line)).hasSize(1);
            assertThat(reader.read(Serialization.JSON, line)).isNotNull();
            assertThat(reader.tooLong(line, 64))
                .isInstanceOfAny(
                    RpcMessage.Refused.class,
                    RpcMessage.Unreadable.class,
                    RpcMessage.Nothing.class);
          }
        });
  }

  @Property(tries = 300)
  void anIdIsToldBackAsItCame(@ForAll long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 50; i++) {
      byte[] line = damagedLine(random);
      RpcId id = id(reader.read(Serialization.NDJSON, line).getFirst());
      if (id != null) {
        byte[] sent = RpcWriter.success(id, "null").getBytes(StandardCharsets.UTF_8);
        JsonNode echoed = MAPPER.readTree(sent).path("requestId");
        String text = new String(line, StandardCharsets.UTF_8);
        assertThat(echoed).as(text).isEqualTo(MAPPER.readTree(text).path("id"));
      }
    }
  }

  @Property(tries = 300)
  void aStreamCutAnywhereHasTheSameLines(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int i = 0; i < 12; i++) {
      stream.writeBytes(damagedLine(random));
      stream.write('\n');
    }
    byte[] whole = stream.toByteArray();
    // Below and above the length of most lines.
    for (int keptMax : new int[] {1, 64, 1024, 1 << 20}) {
      List<String> expected = split(keptMax, List.of(whole));
      assertThat(expected).isNotEmpty();
      assertThat(split(keptMax, cut(random, whole))).isEqualTo(expected);
      assertThat(split(keptMax, cut(random, whole, 1))).isEqualTo(expected);
    }
  }

  private static byte[] damagedLine(SplittableRandom random) {
    byte[] line = LINES.get(random.nextInt(LINES.size()));
    byte[] other = LINES.get(random.nextInt(LINES.size()));
    byte[] damaged = new Mutations(random).damage(line, other);
    // What the splitter never hands on.
    return new String(damaged, StandardCharsets.UTF_8).isBlank() ? line : damaged;
  }

  private static @Nullable RpcId id(RpcMessage message) {
    return switch (message) {
      case RpcMessage.Request request -> request.id();
      case RpcMessage.Ack _,
          RpcMessage.Interrupt _,
          RpcMessage.Ping _,
          RpcMessage.Eof _,
          RpcMessage.Nothing _,
          // Told of a line that may be no JSON.
          RpcMessage.Refused _,
          RpcMessage.Unreadable _ ->
          null;
    };
  }

  private static List<byte[]> cut(SplittableRandom random, byte[] bytes) {
    return cut(random, bytes, 1 + random.nextInt(200));
  }

  private static List<byte[]> cut(SplittableRandom random, byte[] bytes, int pieceMax) {
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + random.nextInt(pieceMax + 1));
      pieces.add(Arrays.copyOfRange(bytes, from, to));
      from = to;
    }
    return pieces;
  }

  private static List<String> split(int keptMax, List<byte[]> pieces) {
    List<String> found = new ArrayList<>();
    LineSplitter splitter =
        new LineSplitter(
            Serialization.NDJSON,
            keptMax,
            2 * keptMax,
            new LineSplitter.Sink() {
              @Override
              public void line(byte[] utf8) {
                found.add(HexFormat.of().formatHex(utf8));
              }

              @Override
              public void tooLong(byte[] beginning) {
                found.add("too long: " + HexFormat.of().formatHex(beginning));
              }

              @Override
              public void endless() {
                found.add("endless");
              }
            });
    pieces.forEach(splitter::feed);
    splitter.finish();
    return found;
  }
}
