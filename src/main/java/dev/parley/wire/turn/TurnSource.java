package dev.parley.wire.turn;

import dev.parley.content.MessageId;
import dev.parley.effect.Delivery;
import dev.parley.store.page.EndedTurn;
import dev.parley.store.page.TurnPlace;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Optional;

/// Where a follower reads one session.
interface TurnSource {

  /// A new subscription at the head.
  Multi<Delivery> subscribe();

  Uni<Optional<TurnPlace>> turnOf(MessageId id);

  Uni<EndedTurn> ended(TurnPlace turn);
}
