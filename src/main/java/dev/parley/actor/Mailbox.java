package dev.parley.actor;

import dev.parley.session.Refusal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What clients want of one session and has not been decided yet. Bounded; what stops things has
/// places of its own and goes first.
final class Mailbox {
  private final Deque<Letter> first = new ArrayDeque<>();
  private final Deque<Letter> others = new ArrayDeque<>();
  private final int lettersMax;
  private final int reserved;

  Mailbox(int lettersMax, int reserved) {
    this.lettersMax = lettersMax;
    this.reserved = reserved;
  }

  /// Takes the letter in, or refuses it when its places are taken.
  void add(Letter letter) {
    Deque<Letter> queue = letter.goesFirst() ? first : others;
    int places = letter.goesFirst() ? reserved : lettersMax;
    if (queue.size() >= places) {
      letter.refuse(
          new Refusal.LimitExceeded(
              "mailbox", "The session has " + places + " calls waiting.", 100L));
      return;
    }
    queue.add(letter);
  }

  @Nullable Letter pollFirst() {
    return first.poll();
  }

  @Nullable Letter poll() {
    return others.poll();
  }

  /// Puts back a letter that was taken out, to be the next.
  void putBack(Letter letter) {
    others.addFirst(letter);
  }

  boolean isEmpty() {
    return first.isEmpty() && others.isEmpty();
  }

  void drain(Consumer<Letter> to) {
    first.forEach(to);
    others.forEach(to);
    first.clear();
    others.clear();
  }
}
