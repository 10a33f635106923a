package dev.parley.wire.connection;

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
import java.time.Duration;

/// The body of a request, bounded in size and time however it comes.
public final class RequestBytes {
  private final Vertx vertx;
  private final long bytesMax;
  private final Promise<Buffer> whole = Promise.promise();
  private final long timer;
  private Buffer read = Buffer.buffer();

  private RequestBytes(Vertx vertx, long bytesMax, Duration timeout) {
    this.vertx = vertx;
    this.bytesMax = bytesMax;
    this.timer = vertx.setTimer(timeout.toMillis(), _ -> fail(HttpResponseStatus.REQUEST_TIMEOUT));
  }

  /// The whole body, on the request's context. Fails with an [HttpException] of 413 or 408 when it
  /// is too large or takes too long; the rest of it is not waited for.
  ///
  /// @param timeout until its end, however steadily it drips
  public static Future<Buffer> of(
      RoutingContext http, Vertx vertx, long bytesMax, Duration timeout) {
    RequestBytes bytes = new RequestBytes(vertx, bytesMax, timeout);
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
    if (read.length() + some.length() > bytesMax) {
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
