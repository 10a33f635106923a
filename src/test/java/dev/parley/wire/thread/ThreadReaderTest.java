package dev.parley.wire.thread;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.ClientMessageId;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.wire.connection.ConnectionSettings;
import dev.parley.wire.turn.ChatNames;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadReaderTest {
  private static final int FRAME_BYTES_MAX = 300;

  private final ThreadReader reader =
      new ThreadReader(
          new SessionKey("ann", "demo", "t1"),
          new ChatNames("ann", "demo"),
          new ThreadSettings(4, FRAME_BYTES_MAX, 20, ConnectionSettings.DEFAULTS));

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"threadId\":\"t1\"", ",\"threadId\":\"ann:demo:t1\"", ",\"x\":1"})
  void readsAMessageHoweverItNamesTheThread(String thread) {
    assertThat(
            read("{\"type\":\"message\",\"requestId\":\"r1\",\"content\":\"hello\"" + thread + "}"))
        .isEqualTo(new ThreadFrame.Message(new ClientMessageId("r1"), "hello"));
  }

  @Test
  void readsACancel() {
    assertThat(read("{\"type\":\"cancel\",\"requestId\":\"r1\"}"))
        .isEqualTo(new ThreadFrame.Cancel(new ClientMessageId("r1")));
  }

  @Test
  void namesTheRequestThatAFrameWouldHaveBegun() {
    assertThat(name("{\"type\":\"message\",\"requestId\":\"r1\",\"content\":7}")).isEqualTo("r1");
    assertThat(name("{\"type\":\"cancel\",\"requestId\":\"r1\"}")).isNull();
    assertThat(name("no json")).isNull();
  }

  private @Nullable String name(String frame) {
    return reader.name(frame.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no json                                                                    |     |
          7                                                                          |     |
          {"type":"message","content":"x"}                                           |     | requestId
          {"type":"message","requestId":7,"content":"x"}                             |     | requestId
          {"type":"message","requestId":"a b","content":"x"}                         | a b | requestId
          {"requestId":"r1"}                                                         | r1  | type
          {"type":"else","requestId":"r1"}                                           | r1  | type
          {"type":"message","requestId":"r1"}                                        | r1  | content
          {"type":"message","requestId":"r1","content":""}                           | r1  | content
          {"type":"message","requestId":"r1","content":"x","threadId":"t2"}          | r1  | threadId
          {"type":"message","requestId":"r1","content":"x","threadId":"bob:demo:t1"} | r1  | threadId
          {"type":"message","requestId":"r1","content":"x","threadId":"no such"}     | r1  | threadId
          """)
  void tellsWhatIsWrongWithARequest(
      String frame, @Nullable String requestId, @Nullable String field) {
    assertThat(read(frame))
        .isInstanceOfSatisfying(
            ThreadFrame.Wrong.class,
            wrong -> {
              assertThat(wrong.requestId()).isEqualTo(requestId);
              assertThat(wrong.refusal())
                  .isInstanceOfSatisfying(
                      Refusal.InvalidRequest.class,
                      invalid -> assertThat(invalid.field()).isEqualTo(field));
            });
  }

  @Test
  void refusesWhatIsTooLargeAndSaysWhatIs() {
    assertThat(limit("{\"type\":\"message\",\"requestId\":\"r1\",\"content\":\"ääääääääääö\"}"))
        .isEqualTo("content");
    assertThat(limit("x".repeat(FRAME_BYTES_MAX + 1))).isEqualTo("frame");
  }

  @Test
  void refusesBytesThatAreNoText() {
    assertThat(reader.read(new byte[] {'{', (byte) 0xff, '}'}))
        .isInstanceOf(ThreadFrame.Wrong.class);
  }

  private String limit(String frame) {
    ThreadFrame.Wrong wrong = (ThreadFrame.Wrong) read(frame);
    return ((Refusal.LimitExceeded) wrong.refusal()).limit();
  }

  private ThreadFrame read(String frame) {
    return reader.read(frame.getBytes(StandardCharsets.UTF_8));
  }
}
