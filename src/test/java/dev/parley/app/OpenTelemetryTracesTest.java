package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.log.Fields;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.trace.Incoming;
import dev.parley.trace.MessageTrace;
import dev.parley.trace.MessageTrace.Outcome;
import dev.parley.trace.MessageTrace.Part;
import dev.parley.trace.MessageTrace.Step;
import dev.parley.trace.Upstream;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A trace is written as it was: the same parts, times and names.
class OpenTelemetryTracesTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";
  private static final String SAMPLED = "00-" + TRACE + "-" + SPAN + "-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-" + SPAN + "-00";

  private final List<SpanData> written = new ArrayList<>();
  private final OpenTelemetryTraces traces =
      new OpenTelemetryTraces(
          OpenTelemetrySdk.builder()
              .setTracerProvider(
                  SdkTracerProvider.builder()
                      .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
                      .addSpanProcessor(SimpleSpanProcessor.create(new Kept(written)))
                      .build())
              .build(),
          "node-1");

  @Test
  void writesPartsInTheirPlaces() {
    traces.accept(trace(null, new Outcome(Outcome.Kind.COMPLETED, null)));
    SpanData message = span("message");
    assertThat(message.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(message.getParentSpanId()).isEqualTo(SpanId.getInvalid());
    assertThat(message.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(written).allMatch(s -> s.getTraceId().equals(message.getTraceId()));
    for (String name : List.of("decide", "turn")) {
      assertThat(span(name).getParentSpanId()).as(name).isEqualTo(message.getSpanId());
    }
    assertThat(span("commit first words").getParentSpanId()).isEqualTo(span("turn").getSpanId());
    assertThat(written).hasSize(4);
  }

  @Test
  void writesTimesOfDayAndNothingButNames() {
    traces.accept(trace(null, new Outcome(Outcome.Kind.COMPLETED, null)));
    SpanData message = span("message");
    assertThat(message.getEndEpochNanos() - message.getStartEpochNanos()).isEqualTo(60);
    assertThat(span("turn").getStartEpochNanos() - message.getStartEpochNanos()).isEqualTo(20);
    Instant end =
        Instant.EPOCH.plus(message.getEndEpochNanos(), TimeUnit.NANOSECONDS.toChronoUnit());
    assertThat(end).isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now());
    assertThat(attribute(message, "sessionKey")).isEqualTo("ann:demo:t");
    assertThat(attribute(message, "connectionId")).isEqualTo("c");
    assertThat(attribute(message, "requestId")).isEqualTo("r");
    assertThat(attribute(message, "turnId")).isEqualTo("turn");
    assertThat(attribute(message, "nodeId")).isEqualTo("node-1");
    assertThat(attribute(message, "outcome")).isEqualTo("completed");
    assertThat(message.getAttributes().size()).isEqualTo(6);
  }

  @Test
  void writesWhatFailedAsAnError() {
    traces.accept(trace(null, new Outcome(Outcome.Kind.FAILED, "AGENT_ERROR")));
    assertThat(span("message").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(attribute(span("message"), "code")).isEqualTo("AGENT_ERROR");
  }

  @Test
  void isPartOfTheTraceOfItsRequest() {
    traces.accept(trace(Upstream.ofRequest(SAMPLED), new Outcome(Outcome.Kind.COMPLETED, null)));
    assertThat(span("message").getTraceId()).isEqualTo(TRACE);
    assertThat(span("message").getParentSpanId()).isEqualTo(SPAN);
  }

  @Test
  void isNotWrittenWhereItsRequestSaysSo() {
    traces.accept(
        trace(Upstream.ofRequest(NOT_SAMPLED), new Outcome(Outcome.Kind.COMPLETED, null)));
    assertThat(written).isEmpty();
  }

  @Test
  void isATraceOfItsOwnThatNamesTheOneOfItsConnection() {
    traces.accept(
        trace(Upstream.ofConnection(NOT_SAMPLED), new Outcome(Outcome.Kind.COMPLETED, null)));
    SpanData message = span("message");
    assertThat(message.getTraceId()).isNotEqualTo(TRACE);
    assertThat(message.getParentSpanId()).isEqualTo(SpanId.getInvalid());
    assertThat(message.getLinks())
        .singleElement()
        .satisfies(link -> assertThat(link.getSpanContext().getTraceId()).isEqualTo(TRACE));
  }

  @Test
  void doesWithoutATraceThatCannotBeRead() {
    for (String wrong :
        List.of(SAMPLED.replace('0', 'G'), "00-" + "0".repeat(32) + "-" + SPAN + "-01")) {
      traces.accept(trace(Upstream.ofRequest(wrong), new Outcome(Outcome.Kind.COMPLETED, null)));
      traces.accept(trace(Upstream.ofConnection(wrong), new Outcome(Outcome.Kind.COMPLETED, null)));
    }
    assertThat(written)
        .hasSize(16)
        .allSatisfy(s -> assertThat(s.getLinks()).isEmpty())
        .filteredOn(s -> s.getName().equals("message"))
        .allSatisfy(s -> assertThat(s.getParentSpanId()).isEqualTo(SpanId.getInvalid()));
    assertThat(Upstream.ofRequest(SAMPLED + "-more")).isNull();
    assertThat(Upstream.ofRequest(null)).isNull();
  }

  private static MessageTrace trace(@Nullable Upstream upstream, Outcome outcome) {
    long nanos = System.nanoTime() - 60;
    return new MessageTrace(
        new SessionKey("ann", "demo", "t"),
        new TurnId("turn"),
        new Incoming(Fields.ofConnection("c").withRequest("r"), upstream, nanos),
        outcome,
        List.of(
            new Step(Part.DECIDE, nanos, nanos + 10),
            new Step(Part.COMMIT_FIRST_WORDS, nanos + 30, nanos + 40),
            new Step(Part.TURN, nanos + 20, nanos + 60)));
  }

  private SpanData span(String name) {
    return written.stream().filter(s -> s.getName().equals(name)).findFirst().orElseThrow();
  }

  private static @Nullable String attribute(SpanData span, String name) {
    return span.getAttributes().get(AttributeKey.stringKey(name));
  }

  private record Kept(List<SpanData> spans) implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> given) {
      spans.addAll(given);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
