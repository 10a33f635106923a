package dev.parley.wire.rpc;

import dev.parley.log.Fields;
import dev.parley.trace.Upstream;
import dev.parley.wire.connection.HttpIncoming;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.rpc.codec.Serialization;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The response to one POST. Always status 200; the messages say what failed.
abstract sealed class HttpAnswer implements Outbound permits NdjsonAnswer, JsonAnswer {
  /// Of the clients that decode each piece of a response by itself, and so would break a character
  /// that is cut in two: they are answered in ASCII.
  private static final String NDJSON = "application/ndjson";

  private static final String X_NDJSON = "application/x-ndjson";
  private static final String JSON = "application/json";

  private final HttpServerResponse response;
  private final @Nullable Upstream upstream;

  /// Nothing was written since [#keepAlive] looked last.
  private boolean idle;

  private Runnable cut = () -> {};
  private Fields fields = Fields.NONE;
  private boolean whole;

  HttpAnswer(HttpServerRequest request, String contentType) {
    this.response = request.response();
    this.upstream = HttpIncoming.upstream(request);
    response.putHeader("content-type", contentType);
  }

  /// The answer in the form that the request has.
  static HttpAnswer to(HttpServerRequest request) {
    @Nullable String header = request.getHeader("content-type");
    String given = header == null ? "" : header.toLowerCase(Locale.ROOT);
    if (given.startsWith(NDJSON)) {
      return new NdjsonAnswer(request, NDJSON, true);
    }
    // not what only begins like it: application/json-rpc
    return given.equals(JSON) || given.startsWith(JSON + ";")
        ? new JsonAnswer(request, JSON)
        : new NdjsonAnswer(request, X_NDJSON, false);
  }

  abstract Serialization serialization();

  /// Whether all of it was written, over HTTP/2: there Vert.x tells the end of each stream as if
  /// the connection had broken.
  final boolean isWhole() {
    return whole;
  }

  /// @param fields what a line of the log about the exchange carries
  final void named(Fields fields) {
    this.fields = fields;
  }

  @Override
  public final Fields fields() {
    return fields;
  }

  @Override
  public final @Nullable Upstream upstream() {
    return upstream;
  }

  /// @param cut run when the answer is cut off. Vert.x says nothing of the end of a response that
  ///   was reset
  final void onCut(Runnable cut) {
    this.cut = cut;
  }

  /// What a client reads over, and whoever stands between takes for a sign of life.
  abstract String filler();

  /// What is still to be written when all messages were sent.
  abstract String rest();

  /// Called from time to time: writes something that means nothing when nothing else was written
  /// since the last time. So whoever is between does not take the connection for dead, and a client
  /// that has gone is noticed.
  final void keepAlive() {
    if (idle && !response.ended() && !response.closed()) {
      // whoever is gone is told of by the response's end
      var _ = writeNow(filler());
    }
    idle = true;
  }

  /// Writes once somebody waits for it.
  final Uni<Void> write(String text) {
    return Uni.createFrom().completionStage(() -> writeNow(text).toCompletionStage());
  }

  private Future<Void> writeNow(String text) {
    idle = false;
    if (!response.headWritten()) {
      response.setChunked(true);
    }
    return response.write(text);
  }

  @Override
  public final void close(int code, String reason) {
    if (response.ended() || response.closed()) {
      return;
    }
    if (code == NORMAL) {
      // of HTTP/1.1 the end of the response tells it better
      whole = response.streamId() > 0;
      var _ = response.end(rest());
    } else {
      response.reset();
      cut.run();
    }
  }
}
