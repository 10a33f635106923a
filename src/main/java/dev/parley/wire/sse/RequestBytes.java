package dev.parley.wire.sse;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;

/// The body of a request that a route of our own serves, bounded in size and time however it comes.
public final class RequestBytes {
  private final Vertx vertx;
  private final SseSettings settings;
  private final Promise<Buffer> whole = Promise.promise();
  private final long timer;
  private Buffer read = Buffer.buffer();

  private RequestBytes(Vertx vertx, SseSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
    this.timer =
        vertx.setTimer(
            settings.bodyTimeout().toMillis(), _ -> fail(HttpResponseStatus.REQUEST_TIMEOUT));
  }

  /// The whole body, on the request's context. Fails with an [HttpException] of 413 or 408 when it
  /// is too large or takes too long.
  public static Future<Buffer> of(RoutingContext http, Vertx vertx, SseSettings settings) {
    RequestBytes bytes = new RequestBytes(vertx, settings);
    HttpServerRequest request = http.request();
    request.exceptionHandler(bytes::broken);
    request.handler(bytes::add);
    request.endHandler(_ -> bytes.end());
    if (request.headers().contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true)) {
      http.response().writeContinue();
    }
    return bytes.whole.future();
  }

  private void add(Buffer some) {
    if (whole.future().isComplete()) {
      return;
    }
    if (read.length() + some.length() > settings.bodyBytesMax()) {
      fail(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
    } else {
      read.appendBuffer(some);
    }
  }

  private void end() {
    vertx.cancelTimer(timer);
    whole.tryComplete(read);
  }

  private void fail(HttpResponseStatus status) {
    broken(new HttpException(status.code()));
  }

  private void broken(Throwable failure) {
    vertx.cancelTimer(timer);
    read = Buffer.buffer();
    whole.tryFail(failure);
  }
}
