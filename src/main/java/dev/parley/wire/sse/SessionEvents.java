package dev.parley.wire.sse;

import dev.parley.effect.Delivery;
import dev.parley.session.Frame;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionState;
import dev.parley.store.EncodedFrame;
import dev.parley.wire.Defects;
import dev.parley.wire.auth.Expiry;
import dev.parley.wire.call.RefusalJson;
import dev.parley.wire.connection.WireMetrics;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A subscription told as server-sent events. Everything of its own runs on the request's context.
final class SessionEvents implements MultiSubscriber<Delivery> {
  private final Vertx vertx;
  private final RoutingContext http;
  private final SseSettings settings;
  private final WireMetrics.Endpoint metrics;
  private final Executor context;
  private final Plan plan;
  private Flow.@Nullable Subscription upstream;
  private @Nullable SseResponse stream;
  private boolean over;

  /// What is told beside the events, and how far.
  ///
  /// @param resumed the first state only informs, and is no place to go on from
  /// @param first events that stand before all others
  /// @param last whether nothing is told after this frame
  /// @param enough whether a state, not read from a place before it, has nothing to come
  record Plan(
      boolean resumed,
      String first,
      Predicate<Frame> last,
      Predicate<SessionState.Present> enough) {

    /// Everything, for ever.
    static Plan forEver(boolean resumed) {
      return new Plan(resumed, "", _ -> false, _ -> false);
    }
  }

  SessionEvents(
      Vertx vertx,
      RoutingContext http,
      SseSettings settings,
      WireMetrics.Endpoint metrics,
      Plan plan) {
    this.vertx = vertx;
    this.http = http;
    this.settings = settings;
    this.metrics = metrics;
    this.context = SseResponse.executor(vertx);
    this.plan = plan;
  }

  /// Begins; once. The response begins with the first batch.
  void tell(Multi<Delivery> deliveries) {
    if (http.response().closed()) {
      return;
    }
    http.addEndHandler(_ -> cancel());
    Expiry.watch(vertx, http, this::expired);
    deliveries.subscribe().withSubscriber(this);
  }

  private void cancel() {
    over = true;
    if (upstream != null) {
      upstream.cancel();
    }
  }

  private void expired() {
    if (!over) {
      cancel();
      failed(Expiry.refusal());
    }
  }

  private void told(Delivery delivery) {
    StringBuilder events = new StringBuilder();
    if (stream == null) {
      stream = SseResponse.begin(vertx, http, settings.keepAlive(), metrics, this::cancel);
      events.append(plan.first());
    }
    boolean last = false;
    Delivery.Opening opening = delivery.opening();
    if (opening != null) {
      boolean place = opening.reset() || !plan.resumed();
      events.append(
          place
              ? SseResponse.event(opening.state().frameSeq(), opening.json())
              : SseResponse.event(opening.json()));
      last = place && plan.enough().test(opening.state());
    }
    for (EncodedFrame frame : delivery.frames()) {
      if (!last) {
        events.append(SseResponse.event(frame.seq(), frame.json()));
        last = frame.frame() instanceof Frame.SessionDeleted || plan.last().test(frame.frame());
      }
    }
    if (last) {
      stream.end(events.toString());
    } else {
      stream.send(events.toString(), () -> written(delivery));
    }
  }

  private void written(Delivery delivery) {
    if (delivery.committedNanos() != null) {
      metrics.delivered(System.nanoTime() - delivery.committedNanos());
    }
    next();
  }

  private void next() {
    if (!over && upstream != null) {
      upstream.request(1);
    }
  }

  private void failed(Throwable failure) {
    if (stream == null) {
      http.fail(failure);
      return;
    }
    stream.end(SseResponse.named("failure", error(failure)));
  }

  private static String error(Throwable failure) {
    if (failure instanceof RefusedException refused) {
      return RefusalJson.encode(refused.refusal());
    }
    Defects.log("A stream of events", failure);
    return RefusalJson.encode(new Refusal.Failed(Refusal.Code.AGENT_ERROR, Defects.TOLD, false));
  }

  private void ifWanted(Runnable task) {
    context.execute(() -> {
      if (!over) {
        task.run();
      }
    });
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    context.execute(() -> {
      upstream = subscription;
      if (over) {
        subscription.cancel();
      } else {
        subscription.request(1);
      }
    });
  }

  @Override
  public void onItem(Delivery delivery) {
    ifWanted(() -> told(delivery));
  }

  @Override
  public void onFailure(Throwable failure) {
    ifWanted(() -> failed(failure));
  }

  @Override
  public void onCompletion() {
    ifWanted(() -> {
      if (stream != null) {
        stream.end("");
      }
    });
  }
}
