package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class HttpMetricTagsTest {
  private final HttpMetricTags filter = new HttpMetricTags();

  @Test
  void knowsEveryAddressOfTheContract() throws IOException {
    new YAMLMapper()
        .readTree(Files.readString(Path.of("docs", "contract", "openapi.yaml")))
        .path("paths")
        .fieldNames()
        .forEachRemaining(
            address -> assertThat(told("http.server.requests", "uri", address)).isEqualTo(address));
  }

  @Test
  void tellsNothingThatAClientWrote() {
    assertThat(told("http.server.requests", "uri", "/api/sessions/ann:demo:t"))
        .isEqualTo("UNKNOWN");
    assertThat(told("http.server.requests", "uri", "/api/%zz")).isEqualTo("UNKNOWN");
    assertThat(told("http.server.requests", "method", "BREW")).isEqualTo("_OTHER");
    assertThat(told("http.server.requests", "method", "PATCH")).isEqualTo("PATCH");
  }

  @Test
  void leavesOtherMetersAlone() {
    assertThat(told("another.meter", "uri", "/somewhere")).isEqualTo("/somewhere");
  }

  private String told(String name, String tag, String value) {
    Meter.Id id = new Meter.Id(name, Tags.of(tag, value), null, null, Meter.Type.TIMER);
    return String.valueOf(filter.map(id).getTag(tag));
  }
}
