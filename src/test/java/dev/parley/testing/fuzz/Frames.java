package dev.parley.testing.fuzz;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// The bytes of WebSocket frames, right ones and wrong ones.
final class Frames {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int LAST = 0x80;
  private static final int MASKED = 0x80;
  private static final int BYTES_2 = 126;
  private static final int BYTES_8 = 127;
  private static final int HEAD_BYTES_MAX = 14;

  private final SplittableRandom random;

  Frames(SplittableRandom random) {
    this.random = random;
  }

  /// One frame as the RFC has it.
  byte[] frame(boolean last, int opcode, byte[] payload) {
    return frame((last ? LAST : 0) | opcode, payload, true);
  }

  /// One message in one to four frames, with pings between them.
  List<byte[]> message(int opcode, byte[] payload) {
    List<byte[]> frames = new ArrayList<>();
    int pieces = random.nextInt(8) == 0 ? 1 + random.nextInt(4) : 1;
    int from = 0;
    for (int piece = 1; piece <= pieces; piece++) {
      int to = piece == pieces ? payload.length : from + random.nextInt(payload.length - from + 1);
      frames.add(
          frame(
              piece == pieces,
              piece == 1 ? opcode : CONTINUATION,
              Arrays.copyOfRange(payload, from, to)));
      if (piece < pieces && random.nextBoolean()) {
        frames.add(frame(true, PING, new byte[random.nextInt(126)]));
      }
      from = to;
    }
    return frames;
  }

  byte[] close(int code) {
    return frame(true, CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
  }

  /// What the RFC forbids.
  byte[] violation() {
    byte[] some = new byte[random.nextInt(60)];
    random.nextBytes(some);
    return switch (random.nextInt(14)) {
      case 0 -> frame(LAST | (3 + random.nextInt(5)), some, true);
      case 1 -> frame(LAST | (11 + random.nextInt(5)), some, true);
      case 2 -> frame(LAST | TEXT, some, false);
      case 3 -> frame(LAST | ((1 + random.nextInt(7)) << 4) | TEXT, some, true);
      case 4 -> frame(LAST | CONTINUATION, some, true);
      case 5 -> joined(frame(TEXT, some, true), frame(LAST | TEXT, some, true));
      case 6 -> frame(PING, some, true);
      case 7 -> frame(LAST | PING, new byte[126 + random.nextInt(70_000)], true);
      case 8 -> {
        int[] codes = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535};
        yield close(codes[random.nextInt(codes.length)]);
      }
      case 9 -> frame(LAST | CLOSE, new byte[] {3}, true);
      case 10 -> frame(LAST | CLOSE, new byte[] {3, (byte) 0xe8, (byte) 0xff, (byte) 0xfe}, true);
      case 11 -> head(LAST | BINARY, random.nextBoolean() ? Long.MAX_VALUE : -1);
      case 12 -> joined(close(1000), frame(LAST | TEXT, some, true));
      default -> some;
    };
  }

  private byte[] head(int first, long length) {
    return ByteBuffer.allocate(HEAD_BYTES_MAX)
        .put((byte) first)
        .put((byte) (MASKED | BYTES_8))
        .putLong(length)
        .putInt(random.nextInt())
        .array();
  }

  private byte[] frame(int first, byte[] payload, boolean masked) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + HEAD_BYTES_MAX).put((byte) first);
    int mask = masked ? MASKED : 0;
    if (payload.length < BYTES_2) {
      frame.put((byte) (mask | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) (mask | BYTES_2)).putShort((short) payload.length);
    } else {
      frame.put((byte) (mask | BYTES_8)).putLong(payload.length);
    }
    byte[] key = new byte[4];
    if (masked) {
      random.nextBytes(key);
      frame.put(key);
    }
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ key[i & 3]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] joined = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, joined, one.length, other.length);
    return joined;
  }
}
