package dev.parley.testing.fuzz;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/// What the server owes on one connection: read off what is sent to it, paid by what it says. Safe
/// for use by two threads.
abstract class Debts {
  private OptionalInt closed = OptionalInt.empty();

  /// One message to the server.
  ///
  /// @param text whether it goes as text, which has to be UTF-8
  abstract void sent(byte[] message, boolean text);

  /// What the connection asks for last, all of it in good form.
  abstract List<String> lastWords();

  /// Whether the server has said all that it says by itself.
  abstract boolean isQuiet();

  /// What ends the rest.
  abstract List<String> farewells();

  /// What the server said.
  final synchronized void heard(String message) {
    pay(message);
    notifyAll();
  }

  abstract void pay(String message);

  /// What it has not paid, or paid too often; empty: nothing.
  abstract List<String> open();

  /// The connection has ended.
  final synchronized void closed(int code) {
    closed = OptionalInt.of(code);
    notifyAll();
  }

  /// The code with which the server has closed.
  final synchronized OptionalInt closedWith() {
    return closed;
  }

  /// Waits until the server owes nothing that it would say by itself, or the connection has ended.
  final void awaitQuiet(Duration limit) throws InterruptedException {
    await(this::isQuiet, limit);
  }

  /// Waits until all is paid, or the connection has ended.
  ///
  /// @return what is open
  final List<String> awaitEnd(Duration limit) throws InterruptedException {
    await(() -> open().isEmpty(), limit);
    return open();
  }

  private synchronized void await(BooleanSupplier condition, Duration limit)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean() && closed.isEmpty()) {
      long leftMs = (end - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return;
      }
      wait(leftMs);
    }
  }
}
