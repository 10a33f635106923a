package dev.parley.wire.call;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.effect.watch.SessionChange;
import dev.parley.loop.Ids;
import dev.parley.session.ChatMessage;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.store.SessionInfo;
import dev.parley.store.json.Samples;
import dev.parley.store.page.Page;
import dev.parley.store.page.Turn;
import dev.parley.testing.Contract;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Tickets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What calls are given and what they answer is what `docs/contract` says.
class CallContractTest {
  private static final SessionKey KEY = new SessionKey("user", "demo", "thread");

  /// How the decoders ask for a field of a payload.
  private static final Pattern FIELD_READ =
      Pattern.compile(
          "(?:text|optionalText|id|optionalId|optionalCount|flag|isFlag|optionalParts)"
              + "\\(\"([A-Za-z]+)\"\\)");

  private final CallDecoder decoder =
      new CallDecoder(
          new NoIds(),
          1000,
          new PageLimits(
              new PageLimits.Limit(50, 500),
              new PageLimits.Limit(50, 500),
              new PageLimits.Limit(50, 500)),
          JsonLimits.DEFAULTS);

  /// A call of the contract.
  private record Told(String tag, String payload, String success) {}

  private static List<Told> calls() {
    return Contract.definitions()
        .path("Call")
        .path("oneOf")
        .valueStream()
        .map(call -> call.path("properties"))
        .map(call ->
            new Told(
                call.path("tag").path("const").asText(),
                name(call.path("payload")),
                name(call.path("success"))))
        .toList();
  }

  private static String name(JsonNode ref) {
    return ref.path("$ref").asText().replace("#/$defs/", "");
  }

  @Test
  void everyCallIsOfTheContractAndNoOther() {
    Set<Class<?>> decoded = new HashSet<>();
    for (Told call : calls()) {
      Call read = requireNonNull(decoder.decode(call.tag(), minimal(call).toString()), call.tag());
      assertThat(decoded.add(read.getClass())).as("one call per tag: %s", call.tag()).isTrue();
    }
    assertThat(decoded).containsExactlyInAnyOrderElementsOf(Samples.leaves(Call.class));
  }

  @Test
  void everyFieldOfAPayloadIsReadAndCheckedUnderItsName() {
    for (Told call : calls()) {
      ObjectNode full = Contract.sample(call.payload());
      for (String name : (Iterable<String>) full::fieldNames) {
        ObjectNode payload = minimal(call);
        payload.set(name, full.path(name));
        assertThat(Contract.violations(call.payload(), payload.toString())).isEmpty();
        assertThat(decoder.decode(call.tag(), payload.toString())).isNotNull();
        // No field is an object.
        payload.putObject(name).put("an", "object");
        assertThat(Contract.violations(call.payload(), payload.toString())).isNotEmpty();
        assertThat(refusedField(call, payload)).as(call.tag()).isEqualTo(name);
      }
    }
  }

  @Test
  void everyFieldThatMustBeThereIsMissed() {
    for (Told call : calls()) {
      for (String name : Contract.required(call.payload())) {
        ObjectNode payload = minimal(call);
        payload.remove(name);
        assertThat(Contract.violations(call.payload(), payload.toString())).isNotEmpty();
        assertThat(refusedField(call, payload)).as(call.tag()).isEqualTo(name);
      }
    }
  }

  /// The other way round: the decoders ask for nothing that no payload has.
  @Test
  void noFieldIsReadThatTheContractDoesNotName() throws IOException {
    Set<String> told = new HashSet<>();
    calls()
        .forEach(call -> Contract.sample(call.payload()).fieldNames().forEachRemaining(told::add));
    Set<String> read = new HashSet<>();
    for (String decoder : List.of("CallDecoder", "PageDecoder")) {
      String source =
          Files.readString(Path.of("src/main/java/dev/parley/wire/call", decoder + ".java"));
      FIELD_READ.matcher(source).results().forEach(found -> read.add(found.group(1)));
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(told);
  }

  @Test
  void everyAnswerIsOfTheContractAndNothingElseIs() {
    Contract.assertIsExactly(
        "Session", Samples.of(SessionInfo.class).map(ReplyJson::session).toList());
    Contract.assertIsExactly(
        "SendReply",
        Stream.concat(replies(Reply.Started.class), replies(Reply.Queued.class)).toList(),
        "MessagePart");
    Contract.assertIsExactly("InterruptReply", replies(Reply.Interrupted.class).toList());
    Contract.assertIsExactly("DequeueReply", replies(Reply.Dequeued.class).toList());
    Contract.assertIsExactly("ApprovalReply", replies(Reply.Acknowledged.class).toList());
    Contract.assertIsExactly("DeleteReply", List.of(ReplyJson.deleted(true)));
    Instant end = Instant.parse("2026-01-01T12:00:00Z");
    Contract.assertIsExactly("Renewed", List.of(ReplyJson.renewed(new Caller.User("u", end))));
    Contract.assertIsExactly(
        "Ticket", List.of(ReplyJson.ticket(new Tickets.Ticket("t".repeat(43), end))));
    // Done is told to nobody: those calls answer with a session, or with whether it was deleted.
    assertThat(Samples.leaves(Reply.class)).hasSize(6).contains(Reply.Done.class);
  }

  @Test
  void everyPageIsOfTheContractAndNothingElseIs() {
    Contract.assertIsExactly(
        "HistoryPage",
        List.of(PageJson.history(KEY, new Page<>(Samples.of(ChatMessage.class).toList(), true))),
        "ChatMessage");
    Contract.assertIsExactly(
        "TurnPage",
        Stream.of("streaming", "completed", "interrupted", "error")
            .flatMap(status -> Samples.of(Turn.class).map(turn -> page(turn, status)))
            .toList());
    Contract.assertIsExactly(
        "SessionPage",
        List.of(PageJson.sessions(new Page<>(Samples.of(SessionInfo.class).toList(), true))),
        "Session");
    Contract.assertIsExactly(
        "SessionChange",
        Stream.concat(
                Samples.of(SessionInfo.class).map(SessionChange.Changed::new),
                Stream.of(
                    new SessionChange.Listed(
                        new Page<>(Samples.of(SessionInfo.class).toList(), false)),
                    new SessionChange.Removed(KEY)))
            .map(PageJson::change)
            .toList(),
        "Session");
    assertThat(Samples.leaves(SessionChange.class)).hasSize(3);
  }

  @Test
  void everyRefusalIsOfTheContractAndNothingElseIs() {
    Contract.assertIsExactly(
        "RpcError", Samples.of(Refusal.class).map(RefusalJson::encode).toList());
  }

  private static String page(Turn turn, String status) {
    return PageJson.turns(
        KEY,
        new Page<>(
            List.of(
                new Turn(
                    turn.id(),
                    turn.messageId(),
                    status,
                    turn.startedAt(),
                    turn.completedAt(),
                    turn.reason())),
            true));
  }

  private static Stream<String> replies(Class<? extends Reply> type) {
    return Samples.of(type).map(ReplyJson::reply);
  }

  private static ObjectNode minimal(Told call) {
    ObjectNode payload = Contract.sample(call.payload());
    payload.retain(Contract.required(call.payload()));
    return payload;
  }

  private String refusedField(Told call, ObjectNode payload) {
    try {
      decoder.decode(call.tag(), payload.toString());
      return fail(call.tag() + " takes " + payload);
    } catch (RefusedException refused) {
      return String.valueOf(((Refusal.InvalidRequest) refused.refusal()).field());
    }
  }

  private static final class NoIds implements Ids {
    @Override
    public String next() {
      return "NEW";
    }

    @Override
    public UUID commit() {
      throw new UnsupportedOperationException();
    }
  }
}
