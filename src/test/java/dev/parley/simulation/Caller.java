package dev.parley.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.actor.SessionHub;
import dev.parley.content.MessageId;
import dev.parley.log.Fields;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.simulation.CallBook.Named;
import dev.parley.simulation.Durable.Life;
import dev.parley.testing.ClientLog;
import dev.parley.testing.ClientLog.Answer;
import dev.parley.trace.Incoming;
import io.smallrye.mutiny.Uni;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The calls of one client, and what it makes of the answers.
final class Caller {
  private static final int AT_ONCE = 10;

  private final Simulation world;
  private final String client;
  private final SessionKey key;
  private final Workload workload;
  private final Function<Life, ClientLog> logs;
  private @Nullable Connection connection;

  /// What is done about each open call when its answer can no longer come.
  private final Map<Integer, Runnable> open = new LinkedHashMap<>();

  /// Calls of which it does not know whether they were carried out.
  private final Deque<Named> undecided = new ArrayDeque<>();

  private final List<TurnId> turns = new ArrayList<>();
  private final List<MessageId> messages = new ArrayList<>();
  private int made;

  /// One way of making a named call.
  interface Attempt {
    Uni<Reply> make(SessionHub hub, ClientMessageId id, WhenBusy whenBusy);
  }

  /// @param logs where it writes down what it is answered about a session
  Caller(
      Simulation world,
      String client,
      SessionKey key,
      Workload workload,
      Function<Life, ClientLog> logs) {
    this.world = world;
    this.client = client;
    this.key = key;
    this.workload = workload;
    this.logs = logs;
  }

  void connected(Connection to) {
    connection = to;
  }

  void disconnected() {
    connection = null;
    List<Runnable> lost = List.copyOf(open.values());
    open.clear();
    lost.forEach(Runnable::run);
  }

  /// Whether it knows what became of all that it has sent.
  boolean isDone() {
    return isIdle() && undecided.isEmpty();
  }

  private Incoming incoming() {
    return new Incoming(Fields.NONE, null, world.clock().nanoTime());
  }

  /// Whether it waits for no answer.
  boolean isIdle() {
    return open.isEmpty();
  }

  @Override
  public String toString() {
    return "%d calls open, undecided %s"
        .formatted(open.size(), undecided.stream().map(Named::id).toList());
  }

  /// Asks again what became of one of its calls.
  void decide() {
    if (connection != null && open.isEmpty() && !undecided.isEmpty()) {
      make(undecided.remove());
    }
  }

  /// It has heard of a turn.
  void saw(TurnId turnId) {
    turns.add(turnId);
  }

  /// It has heard of a message.
  void saw(MessageId messageId) {
    messages.add(messageId);
  }

  void create() {
    // A title with a NUL is refused by the store, and by nobody before it.
    String title = workload.chance(8) ? "\0" : "Title";
    call(
        "create",
        false,
        node -> node.hub().create(key, title),
        info -> world.durable().mustHold(Durable.created(info.incarnation().value())),
        info -> world.book().once("created " + info.incarnation()),
        _ -> {});
  }

  void rename() {
    String title = "Title " + made;
    call(
        "rename",
        node -> node.hub().rename(key, title),
        info -> world.durable().mustHold(Durable.titled(info.incarnation().value(), title)),
        info -> {
          if (!title.equals(info.title())) {
            world.violation("a new title is answered with another one");
          }
        },
        _ -> {});
  }

  void look() {
    call(
        "look",
        false,
        node -> node.reader().stateJson(key).map(world::tree),
        _ -> {},
        state -> note(Durable.created(state.path("incarnation").asText()), new Answer.State(state)),
        _ -> {});
  }

  void touch() {
    call("touch", node -> node.hub().touch(key), _ -> {}, _ -> {}, _ -> {});
  }

  void delete() {
    call(
        "delete",
        node -> node.hub().delete(key),
        there -> {
          if (there) {
            world.durable().mustHold("deleted " + key);
          }
        },
        _ -> {},
        _ -> {});
  }

  void send() {
    String content = workload.message(key.agentId());
    if (workload.chance(5)) {
      WhenBusy whenBusy = workload.whenBusy();
      call(
          "send without a name",
          node -> node.hub().send(key, content, null, null, whenBusy, incoming()),
          world.durable()::mustHold,
          this::learn,
          _ -> {});
    } else {
      name((hub, id, whenBusy) -> hub.send(key, content, null, id, whenBusy, incoming()));
    }
  }

  /// Many things in the same instant.
  void sendMany() {
    for (int i = 0; i < AT_ONCE; i++) {
      send();
    }
  }

  void regenerate() {
    MessageId id = messages.isEmpty() || workload.chance(3) ? null : workload.oneOf(messages);
    SessionHub.Edit edit =
        workload.chance(2) ? null : new SessionHub.Edit(workload.message(key.agentId()), null);
    name((hub, name, _) -> hub.regenerate(key, id, edit, name, incoming()));
  }

  /// What it or another client has called before, under the same name.
  void again() {
    List<Named> before = world.book().named(key);
    if (!before.isEmpty()) {
      make(workload.oneOf(before));
    }
  }

  private void name(Attempt attempt) {
    if (connection != null) {
      make(world.book().name(key, attempt));
    }
  }

  private void make(Named named) {
    WhenBusy whenBusy = workload.whenBusy();
    Life life = world.durable().life(key);
    boolean carriedOut =
        life != null && world.durable().holds(Durable.named(life, named.id().value()));
    call(
        "named " + named.id(),
        node -> named.attempt().make(node.hub(), world.parts().name(named.id()), whenBusy),
        world.durable()::mustHold,
        reply -> answered(named, reply),
        refusal -> {
          if (isDoubtful(refusal)) {
            named.doubted();
            undecided.add(named);
          } else if (life != null && life.equals(world.durable().life(key))) {
            refused(named, life, carriedOut, Objects.requireNonNull(refusal));
          }
        });
  }

  private void answered(Named named, Reply reply) {
    learn(reply);
    switch (reply) {
      case Reply.Started(MessageId messageId, TurnId turnId, boolean duplicate) -> {
        Answer taken = new Answer.Sent(named.id().value(), messageId.value(), turnId.value());
        note("started " + turnId, taken);
        first(named, "started " + turnId, duplicate);
      }
      case Reply.Queued(UserMessage message, boolean duplicate) -> {
        note(
            "sent " + message.id(),
            new Answer.Sent(named.id().value(), message.id().value(), null));
        first(named, "sent " + message.id(), duplicate);
      }
      case Reply.Done _, Reply.Interrupted _, Reply.Dequeued _, Reply.Acknowledged _ ->
          world.violation("a send was answered with " + reply);
    }
  }

  /// Writes the answer down for the session that it is about. One that is not stored is about none,
  /// and was found out when it was given.
  private void note(String fact, Answer answer) {
    Life life = world.durable().about(fact);
    if (life != null) {
      logs.apply(life).answered(answer);
    }
  }

  private void first(Named named, String fact, boolean duplicate) {
    if (!duplicate) {
      world.book().once("first " + named.id() + " in " + world.durable().about(fact));
    }
  }

  /// @param life whose clients' view did not change while the call was made
  private void refused(Named named, Life life, boolean carriedOut, Refusal refusal) {
    logs.apply(life).answered(new Answer.Refused(named.id().value()));
    boolean knowingly =
        refusal instanceof Refusal.SessionBusy
            || (refusal instanceof Refusal.LimitExceeded limit && limit.limit().equals("queue"));
    if (carriedOut && knowingly) {
      world.violation(named.id() + " was carried out and is refused when it comes again");
    }
  }

  private void learn(Reply reply) {
    switch (reply) {
      case Reply.Started started -> {
        saw(started.turnId());
        saw(started.messageId());
      }
      case Reply.Queued queued -> saw(queued.message().id());
      case Reply.Done _, Reply.Interrupted _, Reply.Dequeued _, Reply.Acknowledged _ -> {}
    }
  }

  void interrupt() {
    interrupt(null);
  }

  void interruptTurn() {
    if (!turns.isEmpty()) {
      interrupt(workload.oneOf(turns));
    }
  }

  private void interrupt(@Nullable TurnId meant) {
    boolean discard = workload.chance(3);
    call(
        meant == null ? "interrupt" : "interrupt a turn",
        node -> node.hub().interrupt(key, meant, discard),
        world.durable()::mustHold,
        reply -> {
          if (reply instanceof Reply.Interrupted(TurnId stopped, Long seq) && stopped != null) {
            world.book().once("stopped " + stopped);
            note(
                "ended " + stopped,
                new Answer.Interrupted(stopped.value(), Objects.requireNonNull(seq)));
            if (meant != null && !meant.equals(stopped)) {
              world.violation("turn " + meant + " was meant, and stopped was " + stopped);
            }
          }
        },
        _ -> {});
  }

  void dequeue() {
    MessageId id = messages.isEmpty() ? new MessageId("none") : workload.oneOf(messages);
    call(
        "dequeue",
        node -> node.hub().dequeue(key, id),
        reply -> {
          if (reply instanceof Reply.Dequeued(boolean removed) && removed) {
            world.durable().mustHold("removed " + id);
          }
        },
        reply -> {
          if (reply instanceof Reply.Dequeued(boolean removed) && removed) {
            world.book().once("removed " + id);
            note("removed " + id, new Answer.Removed(id.value()));
          }
        },
        _ -> {});
  }

  /// A call that goes straight into the session's mailbox.
  ///
  /// @param stored checked at the node, at the moment of the answer
  /// @param unanswered with the refusal, or with none when no answer can come any more
  private <T> void call(
      String what,
      Function<SimulatedNode, Uni<T>> call,
      Consumer<T> stored,
      Consumer<T> reply,
      Consumer<@Nullable Refusal> unanswered) {
    call(what, true, call, stored, reply, unanswered);
  }

  private <T> void call(
      String what,
      boolean isLetter,
      Function<SimulatedNode, Uni<T>> call,
      Consumer<T> stored,
      Consumer<T> reply,
      Consumer<@Nullable Refusal> unanswered) {
    if (connection == null) {
      return;
    }
    world.figures().called();
    world.trace().say(() -> client + ": " + what + " of " + key);
    int number = ++made;
    open.put(number, () -> unanswered.accept(null));
    connection.call(
        new Connection.Request<>(
            key,
            isLetter,
            call,
            stored,
            answer -> {
              open.remove(number);
              world.figures().answered(word(answer));
              world.trace().say(() -> client + ": " + what + " is answered " + answer);
              reply.accept(answer);
            },
            failure -> {
              open.remove(number);
              if (failure instanceof RefusedException refused) {
                world.figures().answered(word(refused.refusal()));
                world.trace().say(() -> client + ": " + what + " is refused " + refused.refusal());
                unanswered.accept(refused.refusal());
              } else {
                world.violation(what + " of " + key + " failed with " + failure);
              }
            }));
  }

  private static String word(Object answer) {
    return switch (answer) {
      case Refusal.Failed failed -> failed.code().name();
      case Refusal.LimitExceeded limit -> "LimitExceeded " + limit.limit();
      case JsonNode _ -> "State";
      default -> answer.getClass().getSimpleName();
    };
  }

  /// Whether the call may have been carried out all the same.
  private static boolean isDoubtful(@Nullable Refusal refusal) {
    return refusal == null
        || (refusal instanceof Refusal.Failed failed && failed.code() == Refusal.Code.UNAVAILABLE);
  }
}
