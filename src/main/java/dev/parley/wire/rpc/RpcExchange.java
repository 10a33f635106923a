package dev.parley.wire.rpc;

import dev.parley.wire.connection.Outbound;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.Dialect;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/// One POST: its body the requests, its response their messages. Used on its context only.
final class RpcExchange {
  private static final int REQUEST_TIMEOUT = 408;
  private static final Future<Void> CUT = Future.failedFuture("The answer was cut off.");

  private final RpcEndpoint endpoint;
  private final Vertx vertx;
  private final HttpServerRequest request;
  private final HttpAnswer answer;
  private final RpcConnection connection;
  private boolean ended;

  /// Of the time that the body has; then of the signs of life.
  private long timer;

  private RpcExchange(RpcEndpoint endpoint, Vertx vertx, HttpServerRequest request) {
    Context context = vertx.getOrCreateContext();
    String query = Objects.requireNonNullElse(request.query(), "");
    this.endpoint = endpoint;
    this.vertx = vertx;
    this.request = request;
    this.answer = HttpAnswer.to(request);
    this.connection =
        new RpcConnection(
            endpoint,
            answer,
            task -> context.runOnContext(_ -> task.run()),
            new Manner(Carrier.HTTP, answer.serialization(), Dialect.isBeta(query)));
  }

  static void begin(RpcEndpoint endpoint, Vertx vertx, RoutingContext http) {
    RpcExchange exchange = new RpcExchange(endpoint, vertx, http.request());
    endpoint.metrics().opened();
    http.addEndHandler(exchange::ended);
    exchange.answer.onCut(() -> exchange.ended(CUT));
    exchange.read();
  }

  private void read() {
    timer = vertx.setTimer(endpoint.settings().bodyTimeout().toMillis(), _ -> giveUp());
    request.exceptionHandler(_ -> connection.closed());
    request.handler(bytes -> connection.receive(bytes.getBytes()));
    request.endHandler(_ -> answer());
  }

  private void answer() {
    vertx.cancelTimer(timer);
    if (!ended) {
      long interval = endpoint.settings().connection().pingInterval().toMillis();
      timer = vertx.setPeriodic(interval, _ -> answer.keepAlive());
      connection.endOfInput();
    }
  }

  /// A body that drips in keeps its connection alive by itself, but not for ever.
  private void giveUp() {
    HttpServerResponse response = request.response();
    endpoint.metrics().refused("body-time");
    connection.closed();
    if (response.headWritten()) {
      response.reset();
      ended(CUT);
    } else {
      response.setStatusCode(REQUEST_TIMEOUT);
      response.putHeader("connection", "close");
      response.end().onComplete(_ -> request.connection().close());
    }
  }

  private void ended(AsyncResult<Void> end) {
    if (ended) {
      return;
    }
    ended = true;
    vertx.cancelTimer(timer);
    endpoint.metrics().closed(end.succeeded() ? Outbound.NORMAL : Outbound.BROKEN);
    connection.closed();
  }
}
