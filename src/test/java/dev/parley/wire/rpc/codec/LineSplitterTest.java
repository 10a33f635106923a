package dev.parley.wire.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
  private final List<String> found = new ArrayList<>();
  private final LineSplitter splitter = splitter(Serialization.NDJSON);

  private LineSplitter splitter(Serialization serialization) {
    return new LineSplitter(
        serialization,
        8,
        20,
        new LineSplitter.Sink() {
          @Override
          public void line(byte[] utf8) {
            found.add(new String(utf8, StandardCharsets.UTF_8));
          }

          @Override
          public void tooLong(byte[] abridged) {
            found.add("too long: " + new String(abridged, StandardCharsets.UTF_8));
          }

          @Override
          public void endless() {
            found.add("endless");
          }
        });
  }

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
  void tellsAtItsEndOfALineThatIsTooLongAndGoesOnBehindIt() {
    feed("{\"a\":1,", "\"b\"", ":2}");
    assertThat(found).isEmpty();
    feed("\nab\n123456789\ncd\n");
    assertThat(found).containsExactly("too long: {\"a\":1,\"b\":2}", "ab", "too long: {}", "cd");
  }

  @Test
  void tellsOfALineThatNeverEnds() {
    feed("0123456789", "0123456789");
    assertThat(found).isEmpty();
    feed("0", "1", "2");
    assertThat(found).containsExactly("endless");
  }

  @Test
  void ofJsonTakesWhatTheCarrierKeepsApartForOneMessage() {
    LineSplitter whole = splitter(Serialization.JSON);
    whole.feed("{\n".getBytes(StandardCharsets.UTF_8));
    whole.feed("}\n".getBytes(StandardCharsets.UTF_8));
    whole.finish();
    whole.feed(" \n".getBytes(StandardCharsets.UTF_8));
    whole.finish();
    whole.feed("{\"id\":10}".getBytes(StandardCharsets.UTF_8));
    whole.finish();
    assertThat(found).containsExactly("{\n}\n", "too long: {\"id\":10}");
  }

  private void feed(String... messages) {
    for (String message : messages) {
      splitter.feed(message.getBytes(StandardCharsets.UTF_8));
    }
  }
}
