package dev.parley.wire.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
  private final List<String> found = new ArrayList<>();
  private final LineSplitter splitter =
      new LineSplitter(
          8,
          20,
          new LineSplitter.Sink() {
            @Override
            public void line(byte[] utf8) {
              found.add(new String(utf8, StandardCharsets.UTF_8));
            }

            @Override
            public void tooLong(byte[] beginning) {
              found.add("too long: " + new String(beginning, StandardCharsets.UTF_8));
            }

            @Override
            public void endless() {
              found.add("endless");
            }
          });

  @Test
  void findsSeveralLinesInOneMessage() {
    feed("a\nbc\nd\n");
    assertThat(found).containsExactly("a", "bc", "d");
  }

  @Test
  void joinsALineThatIsSpreadOverMessages() {
    feed("a", "b", "", "c\nd");
    assertThat(found).containsExactly("abc");
  }

  @Test
  void joinsACharacterThatIsCutInTwo() {
    byte[] bytes = "é\n".getBytes(StandardCharsets.UTF_8);
    splitter.feed(new byte[] {bytes[0]});
    splitter.feed(new byte[] {bytes[1], bytes[2]});
    assertThat(found).containsExactly("é");
  }

  @Test
  void ignoresBlankLines() {
    feed("\n\r\n \t\r\na\r\n\n");
    assertThat(found).containsExactly("a\r");
  }

  @Test
  void givesOutALastLineWithoutItsEnd() {
    feed("a\nb");
    splitter.finish();
    splitter.finish();
    assertThat(found).containsExactly("a", "b");
  }

  @Test
  void keepsALineOfExactlyTheBound() {
    feed("12345678\n");
    assertThat(found).containsExactly("12345678");
  }

  @Test
  void tellsOnceOfALineThatIsTooLongAndGoesOnBehindIt() {
    feed("123456789", "0123", "\nab\n123456789\ncd\n");
    assertThat(found).containsExactly("too long: 12345678", "ab", "too long: 12345678", "cd");
  }

  @Test
  void tellsOfALineThatNeverEnds() {
    feed("0123456789", "0123456789");
    assertThat(found).doesNotContain("endless");
    feed("0", "1", "2");
    assertThat(found).containsExactly("too long: 01234567", "endless");
  }

  private void feed(String... messages) {
    for (String message : messages) {
      splitter.feed(message.getBytes(StandardCharsets.UTF_8));
    }
  }
}
