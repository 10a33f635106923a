package dev.parley.wire.auth;

import io.quarkus.arc.Unremovable;
import io.quarkus.websockets.next.HttpUpgradeCheck;
import io.quarkus.websockets.next.UserData.TypedKey;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.common.vertx.ContextLocals;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Remembers who is calling: with a request, and with the socket that it becomes.
@Singleton
@Unremovable
public final class Callers implements HttpUpgradeCheck {
  private static final String NAME = "parley.caller";
  private static final TypedKey<Caller> KEY = new TypedKey<>(NAME);
  private static final int DEFECT = 500;

  /// The caller of a request.
  ///
  /// @throws NullPointerException when nobody asked him who he is
  public static Caller of(RoutingContext http) {
    return Objects.requireNonNull(http.<@Nullable Caller>get(NAME), "a request without a caller");
  }

  /// Who upgraded to this socket.
  public static Caller of(WebSocketConnection socket) {
    return Objects.requireNonNull(socket.userData().get(KEY), "a socket without a caller");
  }

  /// Called once, where the request comes in.
  public static void remember(RoutingContext http, Caller caller) {
    http.put(NAME, caller);
  }

  /// As [#remember], of a request that asks for a socket; on its own context, which is all of it
  /// that an upgrade check sees.
  public static void rememberForSocket(RoutingContext http, Caller caller) {
    remember(http, caller);
    ContextLocals.put(NAME, caller);
  }

  @Override
  public Uni<CheckResult> perform(HttpUpgradeContext upgrade) {
    Caller caller = ContextLocals.<Caller>get(NAME).orElse(null);
    if (caller == null) {
      return CheckResult.rejectUpgrade(DEFECT);
    }
    upgrade.userData().put(KEY, caller);
    return CheckResult.permitUpgrade();
  }
}
