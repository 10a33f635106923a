package dev.parley.wire.connection;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/// Reads the bodies of requests, bounded in size and time however they come.
public final class RequestBytes {
  /// The name under which a body that takes too long is counted.
  public static final String TIME_LIMIT = "body-time";

  private final Vertx vertx;
  private final WireMetrics metrics;
  private final Duration timeout;

  /// @param timeout until a body's end, however steadily it drips
  public RequestBytes(Vertx vertx, WireMetrics metrics, Duration timeout) {
    this.vertx = vertx;
    this.metrics = metrics;
    this.timeout = timeout;
  }

  /// Gives the whole body, on the request's context; or else fails the request with 413 (too
  /// large), 408 (too slow) or 400 (malformed), or does nothing more when the client has gone.
  public void read(RoutingContext http, long bytesMax, Consumer<Buffer> whole) {
    HttpServerRequest request = http.request();
    Reading reading = new Reading(http, bytesMax, whole);
    request.exceptionHandler(reading::broken);
    request.handler(reading::add);
    request.endHandler(_ -> reading.end());
    go(request);
  }

  /// Tells a client that waits for it to send its body. One of HTTP/1.0 does not know the word (RFC
  /// 9110, section 10.1.1).
  public static void go(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_1_0
        && request.headers().contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true)) {
      request.response().writeContinue();
    }
  }

  /// Fails a request with 400 whose body broke because of what is in it, and does nothing where its
  /// client has gone. Over HTTP/2 what breaks is a connection, or a stream that is no more.
  ///
  /// To be called by the request's exception handler itself: the connection is closed behind it,
  /// and what is written by then and not sent would be lost.
  public static void broken(RoutingContext http, Throwable failure) {
    HttpServerRequest request = http.request();
    if (request.version() != HttpVersion.HTTP_2
        && !(failure instanceof IOException)
        && !(failure instanceof VertxException)) {
      http.fail(HttpResponseStatus.BAD_REQUEST.code());
      var _ = request.connection().close();
    }
  }

  private final class Reading {
    private final RoutingContext http;
    private final long bytesMax;
    private final Consumer<Buffer> whole;
    private final long timer;
    private Buffer read = Buffer.buffer();
    private boolean over;

    Reading(RoutingContext http, long bytesMax, Consumer<Buffer> whole) {
      this.http = http;
      this.bytesMax = bytesMax;
      this.whole = whole;
      this.timer = vertx.setTimer(timeout.toMillis(), _ -> late());
    }

    private void add(Buffer some) {
      if (over) {
        return;
      }
      if (read.length() + some.length() > bytesMax) {
        fail(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
      } else {
        read.appendBuffer(some);
      }
    }

    private void end() {
      if (!over) {
        Buffer all = read;
        stop();
        whole.accept(all);
      }
    }

    private void late() {
      metrics.refused(TIME_LIMIT);
      fail(HttpResponseStatus.REQUEST_TIMEOUT);
    }

    private void fail(HttpResponseStatus status) {
      stop();
      http.fail(status.code());
    }

    private void broken(Throwable failure) {
      if (over) {
        return;
      }
      stop();
      RequestBytes.broken(http, failure);
    }

    private void stop() {
      over = true;
      vertx.cancelTimer(timer);
      read = Buffer.buffer();
    }
  }
}
