package dev.parley.wire.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SocketLimitTest {
  private final SocketLimit addresses = new SocketLimit("connections", "An address", 2);

  @Test
  void letsNobodyHaveMoreThanTheBound() {
    assertThat(addresses.enter("a")).isTrue();
    assertThat(addresses.isFull("a")).isFalse();
    assertThat(addresses.enter("a")).isTrue();
    assertThat(addresses.isFull("a")).isTrue();
    assertThat(addresses.enter("a")).isFalse();
    assertThat(addresses.enter("b")).isTrue();
  }

  @Test
  void hasRoomAgainForWhoLeft() {
    assertThat(addresses.enter("a")).isTrue();
    assertThat(addresses.enter("a")).isTrue();
    assertThat(addresses.enter("a")).as("which counts nothing").isFalse();
    addresses.leave("a");
    assertThat(addresses.enter("a")).isTrue();
    addresses.leave("a");
    addresses.leave("a");
    assertThat(addresses.isFull("a")).isFalse();
  }

  @Test
  void letsNobodyInTwiceThoughManyAskAtOnce() {
    SocketLimit busy = new SocketLimit("connections", "An address", 100);
    long in = IntStream.range(0, 1000).parallel().filter(_ -> busy.enter("a")).count();
    assertThat(in).isEqualTo(100);
    IntStream.range(0, 100).parallel().forEach(_ -> busy.leave("a"));
    assertThat(busy.enter("a")).isTrue();
  }
}
