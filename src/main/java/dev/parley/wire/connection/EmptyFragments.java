package dev.parley.wire.connection;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// Lets messages begin with an empty fragment, as RFC 6455 allows (section 5.4). Vert.x 4.5 appends
/// what follows to the fragment's own buffer, and to Netty's empty one nothing can be appended: an
/// exception nobody catches, and the message is lost. Here the fragment that follows takes its
/// place.
@Singleton
final class EmptyFragments {
  /// Before whatever upgrades.
  private static final int ORDER = Integer.MIN_VALUE;

  private static final String NAME = "parley-empty-fragments";

  /// What Vert.x calls its own end of the pipeline.
  private static final String VERTX = "handler";

  void register(@Observes Router router) {
    router.route().order(ORDER).handler(this::pass);
  }

  private void pass(RoutingContext http) {
    if (Upgrades.isOne(http.request())
        && http.request().connection() instanceof ConnectionBase connection) {
      ChannelPipeline pipeline = connection.channel().pipeline();
      if (pipeline.get(NAME) == null && pipeline.get(VERTX) != null) {
        pipeline.addBefore(VERTX, NAME, new Joining());
      }
    }
    http.next();
  }

  /// One connection's.
  static final class Joining extends ChannelInboundHandlerAdapter {
    /// What the message is of which only empty fragments have come.
    private Begun begun = Begun.NOTHING;

    private enum Begun {
      NOTHING,
      TEXT,
      BINARY
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof TextWebSocketFrame frame && isEmptyPart(frame)) {
        begun = Begun.TEXT;
        frame.release();
      } else if (message instanceof BinaryWebSocketFrame frame && isEmptyPart(frame)) {
        begun = Begun.BINARY;
        frame.release();
      } else if (message instanceof ContinuationWebSocketFrame frame && begun != Begun.NOTHING) {
        if (isEmptyPart(frame)) {
          frame.release();
        } else {
          context.fireChannelRead(first(frame));
        }
      } else {
        context.fireChannelRead(message);
      }
    }

    private static boolean isEmptyPart(WebSocketFrame frame) {
      return !frame.isFinalFragment() && !frame.content().isReadable();
    }

    /// The frame as the first of its message.
    private WebSocketFrame first(ContinuationWebSocketFrame frame) {
      boolean text = begun == Begun.TEXT;
      begun = Begun.NOTHING;
      return text
          ? new TextWebSocketFrame(frame.isFinalFragment(), frame.rsv(), frame.content())
          : new BinaryWebSocketFrame(frame.isFinalFragment(), frame.rsv(), frame.content());
    }
  }
}
