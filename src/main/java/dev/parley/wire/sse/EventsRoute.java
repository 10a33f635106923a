package dev.parley.wire.sse;

import dev.parley.effect.EffectRunner;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.call.Payload;
import dev.parley.wire.connection.WireMetrics;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `GET /api/sessions/{id}/events`: what `chat.subscribe` tells, for a plain `EventSource`. The
/// place to go on from is the header `Last-Event-ID` or, for a first connection, `afterSeq`.
@Singleton
final class EventsRoute {
  private static final String PATH = "/api/sessions/:id/events";

  private final EffectRunner runner;
  private final Access access;
  private final SseSettings settings;
  private final WireMetrics.Endpoint metrics;
  private final Vertx vertx;

  EventsRoute(
      EffectRunner runner, Access access, SseSettings settings, WireMetrics metrics, Vertx vertx) {
    this.runner = runner;
    this.access = access;
    this.settings = settings;
    this.metrics = metrics.endpoint(PATH);
    this.vertx = vertx;
  }

  void register(@Observes Router router) {
    router.get(PATH).handler(this::serve);
  }

  private void serve(RoutingContext http) {
    SessionKey key;
    Long afterSeq;
    try {
      key =
          access.demand(
              Callers.of(http),
              SessionKey.parse(Objects.requireNonNullElse(http.pathParam("id"), "")));
      String last = given(http.request().getHeader("last-event-id"));
      afterSeq =
          last != null
              ? seq(last, "Last-Event-ID")
              : seq(given(http.request().getParam("afterSeq")), "afterSeq");
    } catch (RefusedException refused) {
      http.fail(refused);
      return;
    }
    new SessionEvents(vertx, http, settings, metrics, SessionEvents.Plan.forEver(afterSeq != null))
        .tell(runner.subscribe(key, afterSeq, given(http.request().getParam("incarnation"))));
  }

  private static @Nullable String given(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static @Nullable Long seq(@Nullable String text, String name) {
    if (text == null) {
      return null;
    }
    if (!text.matches("0|[1-9][0-9]{0,17}")) {
      throw Payload.wrong(name + " is not a whole number from 0 on", name);
    }
    return Long.parseLong(text);
  }
}
