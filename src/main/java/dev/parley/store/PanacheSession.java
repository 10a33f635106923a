package dev.parley.store;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.function.Supplier;

/// Reads through entities, each bounded in time and on a Vert.x context of its own, as Hibernate
/// Reactive demands.
final class PanacheSession {
  private final Vertx vertx;
  private final Database database;

  PanacheSession(Vertx vertx, Database database) {
    this.vertx = vertx;
    this.database = database;
  }

  <T> Uni<T> read(Supplier<Uni<T>> query) {
    Uni<T> inContext =
        Uni.createFrom()
            .emitter(emitter -> {
              Context context =
                  Objects.requireNonNull(
                      VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
              VertxContextSafetyToggle.setContextSafe(context, true);
              context.runOnContext(_ ->
                  Panache.withSession(query).subscribe().with(emitter::complete, emitter::fail));
            });
    return database.bounded(inContext);
  }
}
