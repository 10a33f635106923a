package dev.parley.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The outbox in PostgreSQL.
public final class PostgresOutbox implements Outbox {
  private final Database database;

  public PostgresOutbox(Database database) {
    this.database = database;
  }

  @Override
  public Uni<List<EncodedFrame>> frames(long sid, long afterSeq, int framesMax, int bytesMax) {
    return database
        .query(
            """
            SELECT seq, payload
              FROM (SELECT seq, payload, octet_length(payload) AS bytes,
                           sum(octet_length(payload)) OVER (ORDER BY seq) AS bytes_to
                      FROM (SELECT seq, payload FROM frames
                             WHERE sid = $1 AND seq > $2 ORDER BY seq LIMIT $3) page) sized
             WHERE bytes_to <= $4 OR bytes_to = bytes
             ORDER BY seq
            """,
            Tuple.of(sid, afterSeq, (long) framesMax, (long) bytesMax))
        .map(rows -> {
          List<EncodedFrame> frames = new ArrayList<>(rows.size());
          for (Row row : rows) {
            long seq = row.getLong(0);
            if (!frames.isEmpty() && seq != frames.getLast().seq() + 1) {
              break;
            }
            frames.add(EncodedFrame.stored(seq, row.getString(1)));
          }
          return frames;
        });
  }

  @Override
  public Uni<Map<Long, Long>> heads(Collection<Long> sids) {
    return database
        .query(
            "SELECT sid, frame_seq FROM heads WHERE sid = ANY($1)",
            Tuple.tuple().addArrayOfLong(sids.toArray(Long[]::new)))
        .map(rows -> {
          Map<Long, Long> heads = new HashMap<>();
          rows.forEach(row -> heads.put(row.getLong(0), row.getLong(1)));
          return heads;
        });
  }

  /// In order of session, so that two nodes that raise the same ones do not wait for each other in
  /// a circle. Of a session that is gone nothing is written: nobody would remove it.
  @Override
  public Uni<Void> delivered(Map<Long, Long> seqs) {
    return database
        .query(
            """
            INSERT INTO deliveries AS d (sid, delivered_seq)
            SELECT r.sid, r.seq
              FROM unnest($1::bigint[], $2::bigint[]) AS r (sid, seq)
              JOIN heads h ON h.sid = r.sid
             ORDER BY r.sid
            ON CONFLICT (sid) DO UPDATE
              SET delivered_seq = GREATEST(d.delivered_seq, excluded.delivered_seq)
            """,
            Tuple.tuple()
                .addArrayOfLong(seqs.keySet().toArray(Long[]::new))
                .addArrayOfLong(seqs.values().toArray(Long[]::new)))
        .replaceWithVoid();
  }
}
