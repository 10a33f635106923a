package dev.parley.store;

import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SendReceipt;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.json.ClientStateJson;
import dev.parley.store.json.UnreadableException;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sessions for those who only look. Needs no actor and makes none. Fails with [RefusedException]:
/// `SessionNotFound`, or `Failed` with `UNAVAILABLE` or `EVENT_UNREADABLE`.
public final class SessionReader {
  private final EventStore store;
  private final ColdReads coldReads;

  public SessionReader(EventStore store, ColdReads coldReads) {
    this.store = store;
    this.coldReads = coldReads;
  }

  public Uni<SessionInfo> info(SessionKey key) {
    return coldReads
        .info(key)
        .map(found -> found.orElseThrow(() -> notFound(key)))
        .onFailure()
        .transform(SessionReader::refused);
  }

  /// The answer of `chat.getState`, encoded.
  public Uni<String> stateJson(SessionKey key) {
    return sid(key).flatMap(sid -> see(key, sid, false)).map(ClientStateJson::state);
  }

  /// The number of the key's session; one without events counts as not found only when it is seen.
  public Uni<Long> sid(SessionKey key) {
    return store
        .find(key)
        .map(sid -> sid.orElseThrow(() -> notFound(key)))
        .onFailure()
        .transform(SessionReader::refused);
  }

  /// What a send of that name was answered.
  public Uni<Optional<SendReceipt>> receipt(SessionKey key, ClientMessageId id) {
    return sid(key)
        .flatMap(sid -> store.receipt(sid, id))
        .onFailure()
        .transform(SessionReader::refused);
  }

  /// The message of the user that a client means, as [EventStore#target] finds it.
  public Uni<Optional<Regenerate.Target>> target(SessionKey key, @Nullable MessageId id) {
    return sid(key)
        .flatMap(sid -> store.target(sid, id))
        .onFailure()
        .transform(SessionReader::refused);
  }

  /// The session's state at one instant.
  ///
  /// @param withOutput with what the running turn has said
  public Uni<SessionState.Present> see(SessionKey key, long sid, boolean withOutput) {
    Uni<StoredSession> stored = withOutput ? store.load(sid) : store.loadHead(sid);
    return stored
        .<SessionState.Present>map(read ->
            switch (read.state()) {
              case SessionState.Absent _, SessionState.Deleted _ -> throw notFound(key);
              case SessionState.Present present -> present;
            })
        .onFailure()
        .transform(SessionReader::refused);
  }

  /// A failure of the store as its callers answer it; what is no failure of the store stays.
  public static Throwable refused(Throwable failure) {
    return switch (failure) {
      case StoreUnavailableException _ -> new RefusedException(Refusal.unavailable());
      case UnreadableException _ ->
          new RefusedException(
              new Refusal.Failed(
                  Refusal.Code.EVENT_UNREADABLE,
                  "The session holds something that this version cannot read.",
                  false));
      default -> failure;
    };
  }

  private static RefusedException notFound(SessionKey key) {
    return new RefusedException(new Refusal.SessionNotFound(key));
  }
}
