package dev.parley.app;

import dev.parley.loop.Ids;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// ULIDs: 48 bits of time and 80 of chance, in Crockford's base 32.
final class Ulids implements Ids {
  private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();

  private final RandomGenerator random = new SecureRandom();

  @Override
  public String next() {
    char[] id = new char[26];
    long time = System.currentTimeMillis();
    for (int i = 9; i >= 0; i--) {
      id[i] = DIGITS[(int) (time & 31)];
      time >>>= 5;
    }
    fill(id, 10);
    fill(id, 18);
    return new String(id);
  }

  /// Eight digits are forty bits.
  private void fill(char[] id, int from) {
    long bits = random.nextLong();
    for (int i = from; i < from + 8; i++) {
      id[i] = DIGITS[(int) (bits & 31)];
      bits >>>= 5;
    }
  }

  @Override
  public UUID commit() {
    return UUID.randomUUID();
  }
}
