package dev.parley.wire.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmptyFragmentsTest {
  private final EmbeddedChannel channel = new EmbeddedChannel(new EmptyFragments.Joining());

  @Test
  void letsTheNextFragmentTakeThePlaceOfAnEmptyFirst() {
    assertThat(
            passed(
                new TextWebSocketFrame(false, 0, Unpooled.EMPTY_BUFFER),
                new PingWebSocketFrame(bytes("p")),
                new ContinuationWebSocketFrame(false, 0, Unpooled.EMPTY_BUFFER),
                new ContinuationWebSocketFrame(false, 0, bytes("a")),
                new ContinuationWebSocketFrame(true, 0, bytes("b"))))
        .containsExactly("Ping p", "Text a…", "Continuation b");
    assertThat(
            passed(
                new BinaryWebSocketFrame(false, 0, Unpooled.EMPTY_BUFFER),
                new ContinuationWebSocketFrame(true, 0, Unpooled.EMPTY_BUFFER)))
        .containsExactly("Binary ");
  }

  @Test
  void passesOnEverythingElse() {
    assertThat(
            passed(
                new TextWebSocketFrame(true, 0, Unpooled.EMPTY_BUFFER),
                new TextWebSocketFrame(false, 0, bytes("a")),
                new ContinuationWebSocketFrame(false, 0, Unpooled.EMPTY_BUFFER),
                new ContinuationWebSocketFrame(true, 0, bytes("b"))))
        .containsExactly("Text ", "Text a…", "Continuation …", "Continuation b");
  }

  private List<String> passed(WebSocketFrame... frames) {
    for (WebSocketFrame frame : frames) {
      boolean _ = channel.writeInbound(frame);
    }
    List<String> passed = new ArrayList<>();
    for (WebSocketFrame frame = channel.readInbound();
        frame != null;
        frame = channel.readInbound()) {
      passed.add(
          frame.getClass().getSimpleName().replace("WebSocketFrame", " ")
              + frame.content().toString(StandardCharsets.UTF_8)
              + (frame.isFinalFragment() ? "" : "…"));
      boolean _ = frame.release();
    }
    return passed;
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }
}
