package dev.parley.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;

/// The ledger in PostgreSQL: one row for each user and day.
public final class PostgresSpending implements Spending {
  static final String SPENT =
      "SELECT greatest(tokens, 0) FROM user_tokens WHERE user_id = $1 AND day = $2";

  private final Database database;

  public PostgresSpending(Database database) {
    this.database = database;
  }

  @Override
  public Uni<Long> spentToday(String userId, Instant now) {
    return database
        .query(SPENT, Tuple.of(userId, SpentTokens.day(now)))
        .map(rows -> rows.size() == 0 ? 0L : rows.iterator().next().getLong(0));
  }
}
