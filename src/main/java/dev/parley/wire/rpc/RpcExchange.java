package dev.parley.wire.rpc;

import dev.parley.wire.auth.Callers;
import dev.parley.wire.auth.Expiry;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.connection.ConnectionLife;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.RequestBytes;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.Dialect;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/// One POST: its body the requests, its response their messages. Used on its context only.
final class RpcExchange {
  private static final Future<Void> CUT = Future.failedFuture("The answer was cut off.");

  private final RpcEndpoint endpoint;
  private final Vertx vertx;
  private final RoutingContext http;
  private final HttpAnswer answer;
  private final ConnectionLife life;
  private final RpcConnection connection;
  private boolean ended;

  /// Of the time that the body has; then of the signs of life.
  private long timer;

  private RpcExchange(RpcEndpoint endpoint, Vertx vertx, RoutingContext http) {
    Context context = vertx.getOrCreateContext();
    String query = Objects.requireNonNullElse(http.request().query(), "");
    this.endpoint = endpoint;
    this.vertx = vertx;
    this.http = http;
    this.answer = HttpAnswer.to(http.request());
    this.life = endpoint.metrics().opened();
    answer.named(life.fields());
    this.connection =
        new RpcConnection(
            endpoint,
            answer,
            task -> context.runOnContext(_ -> task.run()),
            new Manner(Carrier.HTTP, answer.serialization(), Dialect.isBeta(query)),
            Standing.of(Callers.of(http)));
  }

  static void begin(RpcEndpoint endpoint, Vertx vertx, RoutingContext http) {
    RpcExchange exchange = new RpcExchange(endpoint, vertx, http);
    http.addEndHandler(exchange::ended);
    Expiry.watch(vertx, http, exchange.connection::expired);
    exchange.answer.onCut(() -> exchange.ended(CUT));
    exchange.read();
  }

  private void read() {
    HttpServerRequest request = http.request();
    timer = vertx.setTimer(endpoint.settings().bodyTimeout().toMillis(), _ -> late());
    request.exceptionHandler(this::broken);
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
  private void late() {
    boolean begun = http.response().headWritten();
    endpoint.metrics().refused(RequestBytes.TIME_LIMIT);
    connection.closed();
    http.fail(HttpResponseStatus.REQUEST_TIMEOUT.code());
    if (begun) {
      ended(CUT);
    }
  }

  private void broken(Throwable failure) {
    connection.closed();
    if (!http.response().ended()) {
      RequestBytes.broken(http, failure);
    }
  }

  private void ended(AsyncResult<Void> end) {
    if (ended) {
      return;
    }
    ended = true;
    vertx.cancelTimer(timer);
    life.closed(end.succeeded() || answer.isWhole() ? Outbound.NORMAL : Outbound.BROKEN);
    connection.closed();
  }
}
