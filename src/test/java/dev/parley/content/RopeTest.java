package dev.parley.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class RopeTest {
  @Property
  void readsAsWhatWasAppendedAndKeepsWhatItWas(
      @ForAll @Size(max = 60) List<@StringLength(max = 20) String> pieces) {
    List<Rope> ropes = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    Rope rope = Rope.of("");
    String text = "";
    for (String piece : pieces) {
      rope = rope.append(piece);
      text += piece;
      ropes.add(rope);
      texts.add(text);
    }
    for (int i = 0; i < ropes.size(); i++) {
      assertThat(ropes.get(i).toString()).isEqualTo(texts.get(i));
    }
  }

  @Example
  void letsTwoTextsGrowFromOne() {
    Rope stem = Rope.of("a").append("b").append("c");
    assertThat(stem.append("1").toString()).isEqualTo("abc1");
    assertThat(stem.append("2").append("3").toString()).isEqualTo("abc23");
    assertThat(stem.toString()).isEqualTo("abc");
  }

  @Example
  void takesManySmallPieces() {
    Rope rope = Rope.of("");
    for (int i = 0; i < 1_000_000; i++) {
      rope = rope.append("tokn");
    }
    assertThat(rope.toString()).hasSize(4_000_000);
  }
}
