package dev.parley.content;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class Utf8Test {
  @Property
  void countsTheBytesThatTheEncoderMakes(@ForAll("wellFormed") String text) {
    assertThat(Utf8.length(text)).isEqualTo(bytes(text));
  }

  @Property
  void countsALoneSurrogateAsTheReplacementCharacter(@ForAll("anyChars") String text) {
    assertThat(Utf8.length(text)).isEqualTo(bytes(Utf8.wellFormed(text)));
  }

  @Property
  void replacesLoneSurrogatesAndNothingElse(@ForAll("anyChars") String text) {
    String repaired = Utf8.wellFormed(text);
    assertThat(encodes(repaired)).isTrue();
    assertThat(repaired.codePointCount(0, repaired.length()))
        .isEqualTo(text.codePointCount(0, text.length()));
    if (encodes(text)) {
      assertThat(repaired).isEqualTo(text);
    }
  }

  @Property
  void storesWhatTheEncoderTakesButForNul(@ForAll("anyChars") String text) {
    assertThat(Utf8.isStorable(text)).isEqualTo(encodes(text) && text.indexOf('\0') < 0);
  }

  @Example
  void storesNoNulAndNoHalfCharacter() {
    assertThat(Utf8.isStorable("a\0b")).isFalse();
    assertThat(Utf8.isStorable("\ud83d")).isFalse();
    assertThat(Utf8.isStorable("\ude00\ud83d")).isFalse();
    assertThat(Utf8.isStorable("😀 é €")).isTrue();
    assertThat(Utf8.isStorable("")).isTrue();
  }

  @Property
  void cutsWithinTheBytesAndNeverInACharacter(
      @ForAll("wellFormed") String text, @ForAll @IntRange(min = 1, max = 40) int bytesMax) {
    int at = Utf8.cut(text, 0, bytesMax);
    String head = text.substring(0, at);
    String tail = text.substring(at);
    assertThat(encodes(head)).isTrue();
    assertThat(encodes(tail)).isTrue();
    boolean oneCharacter = head.codePointCount(0, head.length()) == 1;
    assertThat(bytes(head) <= bytesMax || oneCharacter).isTrue();
    if (!tail.isEmpty()) {
      String more = head + Character.toString(tail.codePointAt(0));
      assertThat(bytes(more)).as("no longer head would fit").isGreaterThan(bytesMax);
    }
  }

  @Property
  void alwaysGetsOnWhenItCuts(
      @ForAll("anyChars") String text, @ForAll @IntRange(min = 0, max = 5) int bytesMax) {
    StringBuilder pieces = new StringBuilder();
    String rest = text;
    while (!rest.isEmpty()) {
      int at = Utf8.cut(rest, 0, bytesMax);
      assertThat(at).isPositive();
      pieces.append(rest, 0, at);
      rest = rest.substring(at);
    }
    assertThat(pieces.toString()).isEqualTo(text);
  }

  @Provide
  Arbitrary<String> wellFormed() {
    Arbitrary<Integer> codePoints =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 0x7f),
            Arbitraries.of(0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff),
            Arbitraries.integers().between(0x80, 0xd7ff),
            Arbitraries.integers().between(0x10000, 0x10ffff));
    return codePoints
        .list()
        .ofMaxSize(30)
        .map(list ->
            list.stream()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString());
  }

  @Provide
  Arbitrary<String> anyChars() {
    return Arbitraries.oneOf(
            Arbitraries.chars().range('\ud800', '\udfff'),
            Arbitraries.of('\0', 'a', 'é', '€', '\ud83d', '\ude00'))
        .list()
        .ofMaxSize(20)
        .map(list ->
            list.stream()
                .collect(StringBuilder::new, StringBuilder::append, StringBuilder::append)
                .toString());
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static boolean encodes(String text) {
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)).limit() >= 0;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
