package dev.parley.app;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.inject.Singleton;
import java.util.Set;

/// Keeps what a client calls its method out of the metrics: every value is a series of its own,
/// which stays for good.
///
/// The methods are those of RFC 9110 and `PATCH` of RFC 5789; any other is `_OTHER`, as in
/// OpenTelemetry's conventions for HTTP.
@Singleton
class KnownHttpMethods implements MeterFilter {
  private static final String TAG = "method";
  private static final String OTHER = "_OTHER";
  private static final Set<String> KNOWN =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  @Override
  public Meter.Id map(Meter.Id id) {
    String method = id.getTag(TAG);
    return !id.getName().startsWith("http.server") || method == null || KNOWN.contains(method)
        ? id
        : id.replaceTags(Tags.concat(id.getTags(), TAG, OTHER));
  }
}
