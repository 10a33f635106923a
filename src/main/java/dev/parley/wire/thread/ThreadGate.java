package dev.parley.wire.thread;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.connection.Upgrades;
import dev.parley.wire.turn.ChatNames;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Objects;

/// Refuses the upgrade to a thread that is not the caller's, as HTTP does. What is malformed goes
/// on: the protocol has an answer of its own to it.
@Singleton
final class ThreadGate {
  /// When it is known who calls, and ahead of what upgrades.
  private static final int ORDER = -1;

  private final ChatNames names;
  private final Access access;

  ThreadGate(ChatNames names, Access access) {
    this.names = names;
    this.access = access;
  }

  void register(@Observes Router router) {
    router.route(ThreadSocket.PATH).order(ORDER).handler(this::pass);
  }

  private void pass(RoutingContext http) {
    if (Upgrades.isOne(http.request())) {
      try {
        Caller caller = Callers.of(http);
        String thread = Objects.requireNonNullElse(http.request().getParam("threadId"), "");
        access.demand(caller, names.of(caller).key(thread));
      } catch (RefusedException refused) {
        if (refused.refusal() instanceof Refusal.NotAllowed) {
          http.fail(refused);
          return;
        }
      }
    }
    http.next();
  }
}
