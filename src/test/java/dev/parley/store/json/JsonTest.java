package dev.parley.store.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void remembersNoFieldName() {
    String text = "{\"a name that a client chose\":1}";
    assertThat(firstName(text)).isEqualTo(firstName(text)).isNotSameAs(firstName(text));
  }

  private static String firstName(String text) {
    return Json.tree(text).fieldNames().next();
  }
}
