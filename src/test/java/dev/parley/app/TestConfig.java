package dev.parley.app;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Configurations as a start reads them.
final class TestConfig {
  private TestConfig() {}

  /// @param environment counts for more than `settings`
  static SmallRyeConfig of(Map<String, String> settings, Map<String, String> environment) {
    return new SmallRyeConfigBuilder()
        .withMapping(ParleyConfig.class)
        .withConverter(Duration.class, 300, new DurationConverter())
        .withSources(
            new PropertiesConfigSource(new HashMap<>(settings), "test", 200),
            new EnvConfigSource(environment, 300))
        .addDefaultInterceptors()
        .build();
  }

  static ParleyConfig parley(Map<String, String> settings) {
    return parley(settings, Map.of());
  }

  static ParleyConfig parley(Map<String, String> settings, Map<String, String> environment) {
    return of(settings, environment).getConfigMapping(ParleyConfig.class);
  }
}
