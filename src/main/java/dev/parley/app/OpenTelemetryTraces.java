package dev.parley.app;

import dev.parley.log.Fields;
import dev.parley.trace.MessageTrace;
import dev.parley.trace.MessageTrace.Part;
import dev.parley.trace.MessageTrace.Step;
import dev.parley.trace.Upstream;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes traces as spans of OpenTelemetry, all of them when nothing more is to come: names and
/// times, the fields that lines of the log carry, and nothing that a client said. Safe for use by
/// any thread.
///
/// The SDK takes spans into a queue of bounded length and drops what does not fit; nothing waits
/// for it.
final class OpenTelemetryTraces implements Consumer<MessageTrace> {
  private final Tracer tracer;
  private final String node;

  /// @param node this process's name, as lines of the log have it
  OpenTelemetryTraces(OpenTelemetry telemetry, String node) {
    this.tracer = telemetry.getTracer("dev.parley");
    this.node = node;
  }

  @Override
  public void accept(MessageTrace trace) {
    long offsetNanos = epochNanos(Instant.now()) - System.nanoTime();
    Span message = message(trace, offsetNanos);
    boolean sampled = message.isRecording();
    // first into the queue: what does not fit there are parts, not the whole that they are parts of
    message.end(offsetNanos + trace.endedNanos(), TimeUnit.NANOSECONDS);
    if (sampled) {
      Context whole = Context.root().with(message);
      Context turn = whole;
      // a turn ends after its parts, and is there before them
      for (Step step : trace.steps().reversed()) {
        Span span = write(step, step.part().isOfTurn() ? turn : whole, offsetNanos);
        turn = step.part() == Part.TURN ? whole.with(span) : turn;
      }
    }
  }

  private Span message(MessageTrace trace, long offsetNanos) {
    SpanBuilder builder =
        builder("message", trace.incoming().nanos(), offsetNanos).setSpanKind(SpanKind.SERVER);
    relate(builder, trace.incoming().upstream());
    Fields about = trace.incoming().about();
    put(builder, "connectionId", about.connectionId());
    put(builder, "requestId", about.requestId());
    put(builder, "sessionKey", trace.key().toString());
    put(builder, "turnId", trace.turnId() == null ? null : trace.turnId().value());
    put(builder, "nodeId", node);
    put(builder, "outcome", trace.outcome().kind().name().toLowerCase(Locale.ROOT));
    put(builder, "code", trace.outcome().code());
    Span message = builder.startSpan();
    return trace.outcome().isError() ? message.setStatus(StatusCode.ERROR) : message;
  }

  private static void relate(SpanBuilder message, @Nullable Upstream upstream) {
    SpanContext theirs = upstream == null ? SpanContext.getInvalid() : read(upstream);
    if (upstream == null || !theirs.isValid()) {
      message.setNoParent();
      return;
    }
    switch (upstream.relation()) {
      case PARENT -> message.setParent(Context.root().with(Span.wrap(theirs)));
      case LINK -> message.setNoParent().addLink(theirs);
    }
  }

  /// @return invalid when it cannot be read
  private static SpanContext read(Upstream upstream) {
    return Span.fromContext(
            W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), upstream.traceparent(), new Header()))
        .getSpanContext();
  }

  private Span write(Step step, Context parent, long offsetNanos) {
    String name = step.part().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    Span span = builder(name, step.begunNanos(), offsetNanos).setParent(parent).startSpan();
    span.end(offsetNanos + step.endedNanos(), TimeUnit.NANOSECONDS);
    return span;
  }

  private SpanBuilder builder(String name, long nanos, long offsetNanos) {
    return tracer.spanBuilder(name).setStartTimestamp(offsetNanos + nanos, TimeUnit.NANOSECONDS);
  }

  private static void put(SpanBuilder span, String attribute, @Nullable String value) {
    if (value != null) {
      span.setAttribute(attribute, value);
    }
  }

  private static long epochNanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }

  /// Headers of which there is one.
  private static final class Header implements TextMapGetter<String> {
    private static final String NAME = "traceparent";

    @Override
    public Iterable<String> keys(String traceparent) {
      return List.of(NAME);
    }

    @Override
    public @Nullable String get(@Nullable String traceparent, String name) {
      return name.equals(NAME) ? traceparent : null;
    }
  }
}
