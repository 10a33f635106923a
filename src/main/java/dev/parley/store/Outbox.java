package dev.parley.store;

import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Frames as delivery sees them: read from a place, watch heads, record how far clients are. Fails
/// with [StoreUnavailableException] while the store is away.
public interface Outbox {

  /// The frames after `afterSeq`, in order and without gaps among them, as many as fit both bounds
  /// and at least one if there is one. The first may be a later one than the next: those before it
  /// are gone.
  Uni<List<EncodedFrame>> frames(long sid, long afterSeq, int framesMax, int bytesMax);

  /// The frame heads of those sessions that still exist.
  Uni<Map<Long, Long>> heads(Collection<Long> sids);

  /// Raises the highest acknowledged frame of each session that still exists; never lowers one.
  Uni<Void> delivered(Map<Long, Long> seqs);
}
