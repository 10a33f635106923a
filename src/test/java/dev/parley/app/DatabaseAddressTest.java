package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class DatabaseAddressTest {
  @Test
  void derivesTheJdbcAddressFromTheReactiveOne() {
    assertThat(DatabaseAddress.jdbcUrlOf("postgresql://db:5433/chat?sslmode=require"))
        .isEqualTo("jdbc:postgresql://db:5433/chat?sslmode=require");
    assertThat(DatabaseAddress.jdbcUrlOf("vertx-reactive:postgresql://db/chat"))
        .isEqualTo("jdbc:postgresql://db/chat");
  }

  @Test
  void derivesTheReactiveAddressFromTheJdbcOne() {
    assertThat(DatabaseAddress.reactiveUrlOf("jdbc:postgresql://db:5433/chat"))
        .isEqualTo("postgresql://db:5433/chat");
  }

  @Test
  void refusesAnAddressWithoutAHost() {
    assertThatThrownBy(() -> DatabaseAddress.reactiveUrlOf("jdbc:postgresql:chat"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
