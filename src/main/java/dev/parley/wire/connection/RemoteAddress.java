package dev.parley.wire.connection;

import io.quarkus.arc.Unremovable;
import io.quarkus.websockets.next.HttpUpgradeCheck;
import io.quarkus.websockets.next.UserData.TypedKey;
import io.quarkus.websockets.next.WebSocketConnection;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.Objects;

/// Where a socket comes from, as its upgrade request had it: the one that a trusted proxy tells of,
/// where HTTP is set up to believe it. The socket itself knows its neighbour only.
@Singleton
@Unremovable
final class RemoteAddress implements HttpUpgradeCheck {
  private static final TypedKey<String> KEY = TypedKey.forString("parley.remote-address");

  static String of(WebSocketConnection socket) {
    return Objects.requireNonNullElse(socket.userData().get(KEY), "");
  }

  /// Refuses nobody: only remembers.
  @Override
  public Uni<CheckResult> perform(HttpUpgradeContext upgrade) {
    upgrade.userData().put(KEY, upgrade.httpRequest().remoteAddress().hostAddress());
    return CheckResult.permitUpgrade();
  }
}
