package dev.parley.actor;

import dev.parley.session.Refusal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What clients want of one session and has not been decided yet, in the order in which it came.
/// Bounded; what stops things has places of its own, so that it is taken in when the others are
/// full.
final class Mailbox {
  private final Deque<Letter> letters = new ArrayDeque<>();
  private final int lettersMax;
  private final int reserved;
  private int stops;

  Mailbox(int lettersMax, int reserved) {
    this.lettersMax = lettersMax;
    this.reserved = reserved;
  }

  /// Takes the letter in, or refuses it when its places are taken.
  void add(Letter letter) {
    int places = letter.stopsThings() ? reserved : lettersMax;
    int taken = letter.stopsThings() ? stops : letters.size() - stops;
    if (taken >= places) {
      letter.refuse(
          new Refusal.LimitExceeded(
              "mailbox", "The session has " + places + " calls waiting.", 100L));
      return;
    }
    letters.add(letter);
    stops += letter.stopsThings() ? 1 : 0;
  }

  @Nullable Letter poll() {
    Letter letter = letters.poll();
    if (letter != null && letter.stopsThings()) {
      stops--;
    }
    return letter;
  }

  /// Puts back a letter that was taken out, to be the next.
  void putBack(Letter letter) {
    letters.addFirst(letter);
    stops += letter.stopsThings() ? 1 : 0;
  }

  boolean isEmpty() {
    return letters.isEmpty();
  }

  void drain(Consumer<Letter> to) {
    letters.forEach(to);
    letters.clear();
    stops = 0;
  }
}
