package dev.parley.wire.rpc;

import dev.parley.wire.rpc.codec.RpcWriter;
import dev.parley.wire.rpc.codec.Serialization;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;

/// Messages as they come, each a line.
final class NdjsonAnswer extends HttpAnswer {
  private final boolean ascii;

  /// @param ascii whether the client decodes each piece of a response by itself, and so would break
  ///   a character that is cut in two
  NdjsonAnswer(HttpServerRequest request, String contentType, boolean ascii) {
    super(request, contentType);
    this.ascii = ascii;
  }

  @Override
  Serialization serialization() {
    return Serialization.NDJSON;
  }

  @Override
  public Uni<Void> send(String lines) {
    return write(ascii ? RpcWriter.ascii(lines) : lines);
  }

  /// A blank line would stop the client of version 3 for good.
  @Override
  String filler() {
    return RpcWriter.PONG + "\n";
  }

  @Override
  String rest() {
    return "";
  }
}
