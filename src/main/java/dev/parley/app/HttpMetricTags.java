package dev.parley.app;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/// Keeps what a client writes out of the metrics of HTTP: every value is a series of its own, which
/// stays for good, and once there are a hundred addresses no other is counted.
///
/// Quarkus tells the template of an address, and the address itself where a request failed before
/// there was one: that is `UNKNOWN` here. The methods are those of RFC 9110 and `PATCH` of RFC
/// 5789; any other is `_OTHER`, as in OpenTelemetry's conventions for HTTP.
@Singleton
class HttpMetricTags implements MeterFilter {
  private static final String OTHER_METHOD = "_OTHER";
  private static final String OTHER_ADDRESS = "UNKNOWN";

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  /// The addresses, and what Quarkus calls those that are none.
  private static final Set<String> ADDRESSES =
      Set.of(
          "root",
          "NOT_FOUND",
          "REDIRECTION",
          "/ws",
          "/api/rpc",
          "/api/chat",
          "/api/chat/ws",
          "/api/chat/{id}/stream",
          "/api/chat/{id}/stop",
          "/api/sessions",
          "/api/sessions/{id}",
          "/api/sessions/{id}/state",
          "/api/sessions/{id}/touch",
          "/api/sessions/{id}/turns",
          "/api/sessions/{id}/events",
          "/api/sessions/{id}/messages",
          "/api/sessions/{id}/regenerate",
          "/api/sessions/{id}/interrupt",
          "/api/sessions/{id}/queue/{messageId}",
          "/api/tickets",
          "/api/effects",
          "/api/effects/{id}",
          "/api/effects/{id}/rerun");

  @Override
  public Meter.Id map(Meter.Id id) {
    if (!id.getName().startsWith("http.server")) {
      return id;
    }
    List<Tag> tags = id.getTags().stream().map(HttpMetricTags::known).toList();
    return id.replaceTags(tags);
  }

  private static Tag known(Tag tag) {
    return switch (tag.getKey()) {
      case "method" -> METHODS.contains(tag.getValue()) ? tag : Tag.of("method", OTHER_METHOD);
      case "uri" -> ADDRESSES.contains(tag.getValue()) ? tag : Tag.of("uri", OTHER_ADDRESS);
      default -> tag;
    };
  }
}
