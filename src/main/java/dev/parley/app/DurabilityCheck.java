package dev.parley.app;

import dev.parley.store.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/// Asks the server whether what it confirms survives a crash.
final class DurabilityCheck {
  private DurabilityCheck() {}

  /// The settings under which it does not, as `name=value`; empty on a server that can be trusted.
  static Uni<List<String>> lies(Database database) {
    return database
        .query(
            """
            SELECT name, setting FROM pg_settings
             WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off'
             ORDER BY name
            """,
            Tuple.tuple())
        .map(rows -> {
          List<String> lies = new ArrayList<>();
          for (Row row : rows) {
            lies.add(row.getString(0) + "=" + row.getString(1));
          }
          return lies;
        });
  }
}
