package dev.parley.wire.sse;

import dev.parley.wire.connection.ConnectionLife;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.WireMetrics;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.Executor;

/// One stream of server-sent events, as far as HTTP is concerned. On the request's context.
public final class SseResponse {
  private static final String OPEN = ": stream-open\n\n";
  private static final String KEEP_ALIVE = ": keep-alive\n\n";

  private final Vertx vertx;
  private final Context context;
  private final HttpServerResponse response;
  private final long timer;
  private final ConnectionLife life;
  private final Runnable gone;
  private boolean writing;
  private boolean over;

  /// All was written, over HTTP/2: there Vert.x tells the end of each stream as if the connection
  /// had broken.
  private boolean whole;

  private SseResponse(
      Vertx vertx,
      RoutingContext http,
      Duration keepAlive,
      WireMetrics.Endpoint metrics,
      Runnable gone) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.response = http.response();
    this.timer = vertx.setPeriodic(keepAlive.toMillis(), _ -> keepAlive());
    this.life = metrics.opened();
    this.gone = gone;
    http.addEndHandler(end -> stop(end.succeeded() || whole));
  }

  /// Begins the stream: from here on the answer is 200.
  ///
  /// @param keepAlive between two comments on an idle stream
  /// @param metrics of the address
  /// @param gone run once when the response has ended, whoever ended it
  public static SseResponse begin(
      Vertx vertx,
      RoutingContext http,
      Duration keepAlive,
      WireMetrics.Endpoint metrics,
      Runnable gone) {
    HttpServerResponse response = http.response();
    response
        .setChunked(true)
        .putHeader("content-type", "text/event-stream")
        .putHeader("cache-control", "no-cache")
        // nginx would else gather the events
        .putHeader("x-accel-buffering", "no");
    if (http.request().version() == HttpVersion.HTTP_1_1) {
      response.putHeader("connection", "keep-alive");
    }
    SseResponse stream = new SseResponse(vertx, http, keepAlive, metrics, gone);
    stream.write(OPEN, () -> {});
    return stream;
  }

  /// What runs tasks later, in order, on the context of the request that is being handled.
  public static Executor executor(Vertx vertx) {
    Context context = vertx.getOrCreateContext();
    return task -> context.runOnContext(_ -> task.run());
  }

  /// Whether the request says that its body is JSON.
  public static boolean isJson(RoutingContext http) {
    String contentType = http.request().getHeader("content-type");
    return contentType != null
        && contentType.split(";", 2)[0].strip().equalsIgnoreCase("application/json");
  }

  /// Answers with the problem, unless there is nobody any more to answer.
  public static void fail(RoutingContext http, Throwable failure) {
    if (!http.response().closed()) {
      http.fail(failure);
    }
  }

  /// An event without a name.
  ///
  /// @param json in one line
  public static String event(String json) {
    return "data: " + json + "\n\n";
  }

  /// An event that carries a place to go on from.
  public static String event(long id, String json) {
    return "id: " + id + "\n" + event(json);
  }

  /// An event that only who knows its name hears.
  public static String named(String name, String json) {
    return "event: " + name + "\n" + event(json);
  }

  /// Writes whole events.
  ///
  /// @param written run when they are with the operating system; the next are written after that
  public void send(String events, Runnable written) {
    write(events, written);
  }

  /// Writes the last events and ends the stream.
  public void end(String events) {
    if (!over && !response.ended()) {
      whole = response.streamId() > 0;
      var _ = response.end(events);
    }
  }

  private void write(String text, Runnable written) {
    if (over || response.ended()) {
      return;
    }
    writing = true;
    response
        .write(text)
        .onComplete(result -> {
          writing = false;
          if (result.succeeded()) {
            // by way of the context: a write that completes at once must not recurse
            context.runOnContext(_ -> written.run());
          } else {
            // Vert.x does not tell of the end when another request waits behind this response.
            context.runOnContext(_ -> stop(false));
          }
        });
  }

  private void keepAlive() {
    if (!writing) {
      write(KEEP_ALIVE, () -> {});
    }
  }

  private void stop(boolean whole) {
    if (!over) {
      over = true;
      life.closed(whole ? Outbound.NORMAL : Outbound.BROKEN);
      boolean _ = vertx.cancelTimer(timer);
      gone.run();
    }
  }
}
