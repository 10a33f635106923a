package dev.parley.wire.rest;

import dev.parley.wire.connection.Upgrades;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a request shows of who sent it: a token in its `Authorization`; on a socket of a browser,
/// which cannot send that header, one in the name of a sub-protocol; or, where a browser has
/// neither choice, a ticket in the address.
sealed interface Credential {

  record None() implements Credential {}

  record Token(String value) implements Credential {
    @Override
    public String toString() {
      return "Token";
    }
  }

  record Ticket(String value) implements Credential {
    @Override
    public String toString() {
      return "Ticket";
    }
  }

  String BEARER = "bearer ";
  String SUBPROTOCOLS = "sec-websocket-protocol";
  String HEADER_SUBPROTOCOL = "quarkus-http-upgrade#authorization#";

  /// Where a browser opens sockets.
  Set<String> SOCKETS = Set.of("/ws", "/api/chat/ws");

  /// Where an `EventSource` reads.
  Pattern EVENTS = Pattern.compile("/api/sessions/[^/]+/events");

  static Credential of(HttpServerRequest request) {
    boolean upgrade = Upgrades.isOne(request) && isAt(request, SOCKETS::contains);
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null && upgrade) {
      header = ofSubprotocols(request);
    }
    if (header != null) {
      return header.toLowerCase(Locale.ROOT).startsWith(BEARER)
          ? new Token(header.substring(BEARER.length()).strip())
          : new None();
    }
    boolean events = isAt(request, path -> EVENTS.matcher(path).matches());
    String ticket = upgrade || events ? request.getParam("ticket") : null;
    return ticket == null ? new None() : new Ticket(ticket);
  }

  private static boolean isAt(HttpServerRequest request, Predicate<String> addresses) {
    String path = request.path();
    return path != null && addresses.test(path);
  }

  /// The header that a page put among the sub-protocols it offers. It is no sub-protocol: those
  /// that are left are chosen from.
  private static @Nullable String ofSubprotocols(HttpServerRequest request) {
    List<String> offered =
        request.headers().getAll(SUBPROTOCOLS).stream()
            .flatMap(line -> Stream.of(line.split(",")))
            .map(String::strip)
            .toList();
    List<String> left = offered.stream().filter(name -> decoded(name) == null).toList();
    if (left.size() < offered.size()) {
      request.headers().remove(SUBPROTOCOLS);
      if (!left.isEmpty()) {
        request.headers().set(SUBPROTOCOLS, String.join(", ", left));
      }
    }
    return offered.stream()
        .flatMap(name -> Stream.ofNullable(decoded(name)))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable String decoded(String name) {
    try {
      String text = URLDecoder.decode(name, StandardCharsets.UTF_8);
      return text.toLowerCase(Locale.ROOT).startsWith(HEADER_SUBPROTOCOL)
          ? text.substring(HEADER_SUBPROTOCOL.length())
          : null;
    } catch (IllegalArgumentException noEscape) {
      return null;
    }
  }
}
