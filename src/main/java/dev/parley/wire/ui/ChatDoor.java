package dev.parley.wire.ui;

import dev.parley.actor.SessionHub;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.Regenerate;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.SessionState;
import dev.parley.store.SessionReader;
import dev.parley.store.page.TurnPlace;
import dev.parley.store.page.TurnReader;
import dev.parley.trace.Incoming;
import dev.parley.wire.call.Payload;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the transport's posts do. Fails with [RefusedException] for everything that is expected to
/// go wrong.
public final class ChatDoor {
  private static final String REGENERATION = "regen:";
  private static final String EDIT = "edit:";

  private final SessionHub hub;
  private final SessionReader reader;
  private final TurnReader turns;
  private final int contentBytesMax;

  /// @param contentBytesMax of one message, its parts included
  public ChatDoor(SessionHub hub, SessionReader reader, TurnReader turns, int contentBytesMax) {
    this.hub = hub;
    this.reader = reader;
    this.turns = turns;
    this.contentBytesMax = contentBytesMax;
  }

  /// Carries a post out: a message, an edit or a regeneration. Idempotent by the names the client
  /// gives its messages.
  ///
  /// @param incoming how it came in
  /// @return [Reply.Started] or [Reply.Queued]
  Uni<Reply> post(SessionKey key, ChatBody body, WhenBusy whenBusy, Incoming incoming) {
    if (body.bytes() > contentBytesMax) {
      throw new RefusedException(
          new Refusal.LimitExceeded(
              "content", "A message has at most " + contentBytesMax + " bytes.", null));
    }
    if (body.regenerate()) {
      // Once more when an edit has come between the look for the message and the regeneration.
      return Uni.createFrom()
          .deferred(() -> regenerate(key, body, incoming))
          .onFailure(ChatDoor::isOvertaken)
          .retry()
          .atMost(1);
    }
    ChatBody.Said said = body.last();
    if (said == null) {
      throw Payload.wrong("messages holds no message of the user", "messages");
    }
    String edited = body.messageId();
    if (edited == null) {
      return send(key, said, whenBusy, incoming);
    }
    return find(key, edited)
        .flatMap(target ->
            // What never came here is no edit: its first post was lost on the way.
            target.isEmpty()
                ? send(key, said, whenBusy, incoming)
                : hub.regenerate(
                    key,
                    target.get().message().id(),
                    new SessionHub.Edit(said.content(), said.parts()),
                    editName(edited, said),
                    incoming));
  }

  private Uni<Reply> send(
      SessionKey key, ChatBody.Said said, WhenBusy whenBusy, Incoming incoming) {
    ClientMessageId name = said.id() == null ? null : name(said.id());
    Uni<Reply> send = hub.send(key, said.content(), said.parts(), name, whenBusy, incoming);
    return send.onFailure(RefusedException::isSessionNotFound)
        .recoverWithUni(() -> hub.ensure(key).flatMap(_ -> send));
  }

  private Uni<Reply> regenerate(SessionKey key, ChatBody body, Incoming incoming) {
    String meant = body.messageId();
    String asked = body.last() == null ? null : body.last().id();
    Uni<Optional<Regenerate.Target>> named = meant == null ? none() : find(key, meant);
    return named
        .flatMap(target -> target.isPresent() || asked == null ? item(target) : find(key, asked))
        // One that has left history was edited since, under another name: the newest stands for it.
        .flatMap(target ->
            target.isPresent() && !target.get().discarded()
                ? item(target)
                : reader.target(key, null))
        .flatMap(target ->
            target.isEmpty()
                ? Uni.createFrom().failure(Payload.wrong("there is no such message", "messageId"))
                : regenerate(key, target.get().message().id(), meant, incoming));
  }

  /// The turn whose answer is discarded names the regeneration, so that the same post again finds
  /// what it has done.
  ///
  /// @param meant the message that the client named, perhaps that turn's answer
  private Uni<Reply> regenerate(
      SessionKey key, MessageId message, @Nullable String meant, Incoming incoming) {
    return discarded(key, message, meant)
        .flatMap(turn ->
            hub.regenerate(
                key,
                message,
                null,
                turn.map(place -> new ClientMessageId(REGENERATION + place.id().value()))
                    .orElse(null),
                incoming));
  }

  private Uni<Optional<TurnPlace>> discarded(
      SessionKey key, MessageId message, @Nullable String meant) {
    Uni<Optional<TurnPlace>> newest = turns.turnOf(key, message);
    return meant == null || !isId(meant)
        ? newest
        : turns
            .turnOf(key, new MessageId(meant))
            .flatMap(turn -> turn.isPresent() ? Uni.createFrom().item(turn) : newest);
  }

  /// The user's message of that id, or the one that the answer of that id answers; else the one
  /// that the client named so.
  private Uni<Optional<Regenerate.Target>> find(SessionKey key, String id) {
    if (!isId(id)) {
      return none();
    }
    return reader
        .target(key, new MessageId(id))
        .flatMap(target -> target.isPresent() ? item(target) : findSent(key, id))
        .onFailure(RefusedException::isSessionNotFound)
        .recoverWithItem(Optional.empty());
  }

  private Uni<Optional<Regenerate.Target>> findSent(SessionKey key, String name) {
    return reader
        .receipt(key, new ClientMessageId(name))
        .flatMap(receipt ->
            receipt.isPresent() ? reader.target(key, receipt.get().messageId()) : none());
  }

  private static Uni<Optional<Regenerate.Target>> none() {
    return Uni.createFrom().item(Optional.empty());
  }

  private static <T> Uni<T> item(T item) {
    return Uni.createFrom().item(item);
  }

  private static boolean isId(String text) {
    return text.matches("[!-~]{1," + ClientMessageId.LENGTH_MAX + "}");
  }

  private static ClientMessageId name(String id) {
    if (!isId(id)) {
      throw Payload.wrong(
          "the last message's id is not 1 to "
              + ClientMessageId.LENGTH_MAX
              + " characters of printable ASCII without spaces",
          "messages");
    }
    return new ClientMessageId(id);
  }

  private static ClientMessageId editName(String messageId, ChatBody.Said said) {
    JsonText parts = said.parts();
    String content = sha256(said.content() + (parts == null ? "" : "\n" + parts.text()));
    String name = EDIT + messageId + content;
    return new ClientMessageId(
        name.length() <= ClientMessageId.LENGTH_MAX ? name : EDIT + sha256(name));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// The turn that runs; nothing when none does, or when there is no such session.
  Uni<Optional<SessionState.RunningTurn>> running(SessionKey key) {
    return reader
        .sid(key)
        .flatMap(sid -> reader.see(key, sid, false))
        .map(state ->
            state instanceof SessionState.Streaming(var _, var turn)
                ? Optional.of(turn)
                : Optional.<SessionState.RunningTurn>empty())
        .onFailure(RefusedException::isSessionNotFound)
        .recoverWithItem(Optional.empty());
  }

  /// Stops the running turn and keeps what it said.
  ///
  /// @return [Reply.Interrupted]
  Uni<Reply> stop(SessionKey key) {
    return hub.interrupt(key, null, false);
  }

  private static boolean isOvertaken(Throwable failure) {
    return failure instanceof RefusedException refused
        && refused.refusal() instanceof Refusal.InvalidRequest;
  }
}
