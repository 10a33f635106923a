package dev.parley.testing.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Damages bytes. The same random numbers do the same damage.
public final class Mutations {
  private static final int CHANGES_MAX = 4;
  private static final int PIECE_MAX = 40;

  /// What readers of JSON, of UTF-8 and of lines have stumbled over before.
  private static final List<byte[]> STUMBLING_BLOCKS =
      List.of(
          bytes("\n"),
          bytes("\r\n"),
          bytes("\0"),
          bytes("\ufeff"),
          bytes("\u2028"),
          bytes("\\u0000"),
          bytes("\\ud800"),
          bytes("\\udc00\\ud800"),
          bytes("\\u00e9"),
          bytes("\\x"),
          bytes("\""),
          bytes("\\"),
          bytes("null"),
          bytes("-0"),
          bytes("1e999999999"),
          bytes("-0.000000000000000000001E-2147483649"),
          bytes("9".repeat(400)),
          bytes("9".repeat(1100)),
          bytes("9223372036854775808"),
          bytes("[".repeat(200)),
          bytes("{\"a\":".repeat(130)),
          bytes("\"id\":true,"),
          bytes("\"id\":\"\\ud83d\","),
          bytes("\"_tag\":\"Request\","),
          bytes("\"\\u005ftag\":\"Ping\","),
          bytes("\"sessionId\":null,"),
          bytes("\"discard\":true,"),
          bytes("\"isNotification\":true,"),
          bytes("\"\":{},"),
          bytes("}{"),
          bytes("]}"),
          new byte[] {(byte) 0xff},
          new byte[] {(byte) 0xc0, (byte) 0x80},
          new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
          new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
          new byte[] {(byte) 0xe2, (byte) 0x82});

  private final SplittableRandom random;

  public Mutations(SplittableRandom random) {
    this.random = random;
  }

  /// Some damage, at one to four places.
  ///
  /// @param other what pieces may come from
  public byte[] damage(byte[] bytes, byte[] other) {
    byte[] damaged = bytes;
    for (int left = 1 + random.nextInt(CHANGES_MAX); left > 0; left--) {
      damaged = change(damaged, other);
    }
    return damaged;
  }

  private byte[] change(byte[] bytes, byte[] other) {
    int at = random.nextInt(bytes.length + 1);
    int end = Math.min(bytes.length, at + 1 + random.nextInt(PIECE_MAX));
    return switch (random.nextInt(9)) {
      case 0, 1 -> flipped(bytes);
      case 2 -> replaced(bytes, at, end, new byte[0]);
      case 3 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      case 4 -> Arrays.copyOf(bytes, at);
      case 5 -> spliced(bytes, at, other);
      case 6 -> replaced(bytes, at, end, random());
      default ->
          replaced(
              bytes,
              at,
              random.nextBoolean() ? at : end,
              STUMBLING_BLOCKS.get(random.nextInt(STUMBLING_BLOCKS.size())));
    };
  }

  private byte[] flipped(byte[] bytes) {
    if (bytes.length == 0) {
      return bytes;
    }
    byte[] flipped = bytes.clone();
    flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  private byte[] spliced(byte[] bytes, int at, byte[] other) {
    int from = random.nextInt(other.length + 1);
    return replaced(bytes, at, bytes.length, Arrays.copyOfRange(other, from, other.length));
  }

  private byte[] random() {
    byte[] piece = new byte[random.nextInt(PIECE_MAX)];
    random.nextBytes(piece);
    return piece;
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
    byte[] result = new byte[bytes.length - (to - from) + by.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(by, 0, result, from, by.length);
    System.arraycopy(bytes, to, result, from + by.length, bytes.length - to);
    return result;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
