package dev.parley.app;

import dev.parley.trace.OpenTraces;
import dev.parley.trace.Traces;
import io.opentelemetry.api.OpenTelemetry;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Puts the way together that traces take, where somebody wants them.
@Singleton
class TraceComposition {

  @Produces
  @Singleton
  Traces traces(
      Instance<OpenTelemetry> telemetry,
      ParleyConfig config,
      @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean off) {
    if (off) {
      return Traces.NONE;
    }
    return new OpenTraces(
        System::nanoTime,
        new OpenTelemetryTraces(telemetry.get(), config.node().id().orElse("unnamed")));
  }
}
