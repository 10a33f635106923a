package dev.parley.wire.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.trace.Incoming;
import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.call.Answer;
import dev.parley.wire.call.Calls;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.connection.ConnectionSettings;
import dev.parley.wire.connection.Outbound;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.RpcReader;
import dev.parley.wire.rpc.codec.Serialization;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RpcConnectionTest {
  private static final RpcSettings SMALL =
      new RpcSettings(
          4,
          2,
          200,
          5,
          400,
          Duration.ofSeconds(30),
          new ConnectionSettings(400, Duration.ofSeconds(15), Duration.ofSeconds(10), 10, 10_000));

  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final FakeOutbound outbound = new FakeOutbound();
  private final FakeCalls calls = new FakeCalls();
  private final MeterRegistry metrics = new SimpleMeterRegistry();
  private long nanos;
  private RpcConnection connection = open(Carrier.SOCKET);

  @Test
  void answersACallWithItsValue() {
    receive(request("0", "one"));
    calls.one("0").complete("{\"a\":1}");
    assertSent(
        "{\"_tag\":\"Exit\",\"requestId\":0,\"exit\":{\"_tag\":\"Success\",\"value\":{\"a\":1}}}");
  }

  @Test
  void answersCallsInTheOrderTheyEnd() {
    receive(request("0", "one") + request("1", "one"));
    calls.one("1").complete("1");
    calls.one("0").complete("0");
    assertThat(sent()).extracting(RpcConnectionTest::id).containsExactly("1", "0");
  }

  @Test
  void answersATypedErrorInTheDialectOfTheId() {
    receive(request("\"0\"", "one") + request("1", "one"));
    RefusedException refused =
        new RefusedException(new Refusal.SessionNotFound(new SessionKey("u", "a", "t")));
    calls.one("\"0\"").fail(refused);
    calls.one("1").fail(refused);
    assertThat(sent().get(0))
        .contains("\"requestId\":\"0\"")
        .contains("\"cause\":{\"_tag\":\"Fail\"");
    assertThat(sent().get(1)).contains("\"requestId\":1").contains("\"cause\":[{\"_tag\":\"Fail\"");
  }

  @Test
  void answersADefectWithoutItsMessageAndOnlyToItsCall() {
    receive(request("0", "one") + request("1", "one"));
    calls.one("0").fail(new IllegalStateException("secret"));
    calls.one("1").complete("1");
    assertThat(sent().get(0)).contains("\"Die\"").doesNotContain("secret");
    assertThat(sent().get(1)).contains("Success");
  }

  @Test
  void answersAnUnknownCallByItsOwnExit() {
    receive(request("0", "no.such"));
    assertSent(
        "{\"_tag\":\"Exit\",\"requestId\":0,\"exit\":{\"_tag\":\"Failure\","
            + "\"cause\":[{\"_tag\":\"Die\",\"defect\":\"Unknown request tag: no.such\"}]}}");
  }

  @Test
  void answersAPayloadThatDoesNotFitByATypedError() {
    receive(request("0", "refused"));
    assertThat(sent()).singleElement().asString().contains("\"InvalidRequestRpcError\"");
  }

  @Test
  void survivesACallThatThrows() {
    receive(request("0", "thrown") + ping());
    assertThat(sent()).hasSize(2).anyMatch(line -> line.contains("\"Die\""));
  }

  @Test
  void goesOnAfterInputThatCannotBeRead() {
    receive(request("0", "one") + "broken\n" + "{\"_tag\":\"Bogus\"}\n" + "null\n");
    calls.one("0").complete("0");
    assertThat(sent()).hasSize(3);
    assertThat(sent().get(0)).contains("\"Defect\"");
    assertThat(sent().get(1)).contains("\"Defect\"");
    assertThat(sent().get(2)).contains("Success");
  }

  @Test
  void refusesTheSecondOfTwoCallsWithOneId() {
    receive(request("0", "one") + request("0", "one") + request("\"0\"", "one"));
    assertThat(sent()).singleElement().asString().contains("\"requestId\":0").contains("\"Die\"");
    calls.one("0").complete("0");
    assertThat(sent()).hasSize(2);
    receive(request("0", "one"));
    calls.one("0").complete("again");
    assertThat(sent()).hasSize(3);
  }

  @Test
  void refusesMoreCallsThanItsBound() {
    for (String id : List.of("0", "1", "2", "3", "4")) {
      receive(request(id, "one"));
    }
    assertThat(sent())
        .singleElement()
        .asString()
        .contains("\"requestId\":4")
        .contains("\"_tag\":\"LimitExceededRpcError\",\"limit\":\"calls\"");
    assertThat(refusals("calls")).isEqualTo(1);
    calls.one("0").complete("0");
    drain();
    receive(request("4", "one"));
    assertThat(calls.ones).containsKey("4");
  }

  @Test
  void refusesTheCallOfALineThatIsTooLong() {
    receive("{\"_tag\":\"Request\",\"id\":0,\"tag\":\"one\",\"payload\":\"" + "x".repeat(200));
    receive("xxx\"}\n" + ping());
    assertThat(sent().get(0))
        .contains("\"requestId\":0")
        .contains("\"_tag\":\"LimitExceededRpcError\",\"limit\":\"line\"");
    assertThat(sent().get(1)).contains("Pong");
    assertThat(calls.ones).isEmpty();
  }

  @Test
  void refusesTheCallOfALineThatIsTooLongThoughItsNameComesLast() {
    receive("{\"payload\":{\"id\":5,\"x\":\"" + "x".repeat(300));
    receive("x".repeat(300) + "\"},\"tag\":\"one\",\"id\":\"7\",\"_tag\":\"Request\"}\n");
    assertThat(sent())
        .singleElement()
        .asString()
        .contains("\"requestId\":\"7\"")
        .contains("\"limit\":\"line\"");
    assertThat(refusals("line")).isEqualTo(1);
  }

  @Test
  void refusesMoreStreamsThanItsBoundAndStillTakesCalls() {
    receive(request("0", "many") + request("1", "many") + request("2", "many"));
    assertThat(sent())
        .singleElement()
        .asString()
        .contains("\"requestId\":2")
        .contains("\"_tag\":\"LimitExceededRpcError\",\"limit\":\"streams\"");
    assertThat(refusals("streams")).isEqualTo(1);
    receive(request("3", "one"));
    calls.one("3").complete("3");
    receive(interrupt("0") + request("4", "many"));
    calls.many("1").complete();
    drain();
    receive(request("5", "many"));
    assertThat(sent()).hasSize(4);
    assertThat(calls.many("2").requested).isZero();
    assertThat(calls.many("4").requested).isEqualTo(1);
    assertThat(calls.many("5").requested).isEqualTo(1);
  }

  @Test
  void refusesCallsThatComeFasterThanItsBoundAndSaysWhenToTryAgain() {
    connection = openWithFrames(10, 3);
    receive(request("0", "one") + request("1", "one") + request("2", "one") + request("3", "one"));
    assertThat(sent())
        .singleElement()
        .asString()
        .contains("\"requestId\":3")
        .contains("\"limit\":\"frames\"")
        .contains("\"retryAfterMs\":100");
    assertThat(refusals("frames")).isEqualTo(1);
    nanos += 100_000_000;
    receive(request("3", "one") + request("4", "one"));
    assertThat(calls.ones).containsOnlyKeys("0", "1", "2", "3");
    receive("{\"_tag\":\"Request\",\"id\":6,\"tag\":\"one\",\"isNotification\":true}\n");
    assertThat(sent()).hasSize(2);
  }

  @Test
  void carriesOutEveryPingAndInterruptOfAFloodAndNoCall() {
    connection = openWithFrames(10, 3);
    receive(request("0", "many"));
    receive(ping().repeat(100) + interrupt("0") + request("1", "one"));
    assertThat(sent()).filteredOn(line -> line.contains("Pong")).hasSize(100);
    assertThat(calls.many("0").cancelled).isTrue();
    assertThat(sent().getLast()).contains("\"requestId\":1").contains("\"limit\":\"frames\"");
    assertThat(outbound.closedWith).isZero();
    nanos += 100_000_000;
    receive(request("2", "one"));
    assertThat(calls.ones).as("the flood leaves no debt").containsOnlyKeys("2");
  }

  @Test
  void countsAnAcknowledgementOnlyIfNobodyAskedForIt() {
    connection = openWithFrames(10, 3);
    receive(request("7", "many"));
    for (int i = 0; i < 20; i++) {
      calls.many("7").deliver("1");
      drain();
      receive(ack("7"));
    }
    receive(request("0", "one"));
    assertThat(calls.ones).containsKey("0");
    receive(ack("7") + ack("7") + request("1", "one"));
    assertThat(sent().getLast()).contains("\"requestId\":1").contains("\"limit\":\"frames\"");
  }

  @Test
  void closesOnAClientThatSpeaksSomethingElse() {
    receive("nonsense\n".repeat(5));
    assertThat(sent()).hasSize(5).allMatch(line -> line.contains("\"Defect\""));
    assertThat(outbound.closedWith).isZero();
    receive("nonsense\nnonsense\n");
    assertThat(sent()).hasSize(5);
    assertThat(outbound.closedWith).isEqualTo(Outbound.POLICY_VIOLATION);
    assertThat(metrics.counter("parley.wire.garbage", "endpoint", "/ws").count()).isEqualTo(6);
  }

  @Test
  void countsEachMessageOfAClient() {
    receive(ping() + "null\n" + "nonsense\n" + request("0", "one"));
    assertThat(metrics.counter("parley.wire.frames.received", "endpoint", "/ws").count())
        .isEqualTo(4);
  }

  @Test
  void ofJsonAnswersEachMessageByAWriteOfItsOwnWithoutALinesEnd() {
    connection = open(Carrier.SOCKET, Serialization.JSON, SMALL);
    outbound.stalled = true;
    receive(request("0", "no.such").strip());
    receive("[" + request("1", "no.such").strip() + "," + ping().strip() + "]");
    outbound.resume();
    drain();
    assertThat(outbound.writes)
        .hasSize(3)
        .allMatch(write -> write.startsWith("{") && write.endsWith("}"))
        .anyMatch(write -> write.equals("{\"_tag\":\"Pong\"}"));
  }

  @Test
  void ofJsonRefusesTheCallOfAMessageThatIsTooLongAndReadsTheNext() {
    connection = open(Carrier.SOCKET, Serialization.JSON, SMALL);
    receive(
        "{\"_tag\":\"Request\",\"id\":0,\"tag\":\"one\",\"payload\":\"" + "x".repeat(300) + "\"}");
    assertThat(sent()).singleElement().asString().contains("\"limit\":\"line\"");
    receive(request("1", "one").strip());
    assertThat(calls.ones).containsOnlyKeys("1");
  }

  @Test
  void ofJsonOverHttpReadsABodyInPiecesAndEndsWhatDoesNotFitIntoOnePiece() {
    connection = open(Carrier.HTTP, Serialization.JSON, SMALL);
    receive("[" + request("7", "many"));
    receive("," + request("8", "one") + "]");
    assertThat(calls.manies).isEmpty();
    connection.endOfInput();
    drain();
    String value = "\"" + "x".repeat(180) + "\"";
    FakeStream stream = calls.many("7");
    stream.deliver(value);
    drain();
    assertThat(stream.requested).isEqualTo(2);
    stream.deliver(value);
    drain();
    assertThat(stream.cancelled).isTrue();
    assertThat(outbound.writes).hasSize(2);
    assertThat(outbound.writes.getLast())
        .contains("\"requestId\":7")
        .contains("\"_tag\":\"LimitExceededRpcError\",\"limit\":\"answer\"");
    calls.one("8").complete("\"" + "x".repeat(500) + "\"");
    drain();
    assertThat(outbound.writes.getLast()).contains("\"requestId\":8").contains("\"answer\"");
    assertThat(outbound.closedWith).isEqualTo(Outbound.NORMAL);
  }

  @Test
  void closesOnALineWithoutEnd() {
    for (int i = 0; i <= 16; i++) {
      receive("x".repeat(1024 * 1024));
    }
    assertThat(outbound.closedWith).isEqualTo(Outbound.TOO_BIG);
  }

  @Test
  void sendsTheNextChunkOnlyWhenTheLastOneIsAcknowledgedAndWritten() {
    receive(request("7", "many"));
    FakeStream stream = calls.many("7");
    drain();
    assertThat(stream.requested).isEqualTo(1);
    outbound.stalled = true;
    stream.deliver("1");
    assertSent("{\"_tag\":\"Chunk\",\"requestId\":7,\"values\":[1]}");
    receive(ack("7"));
    assertThat(stream.requested).as("acknowledged, not written").isEqualTo(1);
    outbound.resume();
    drain();
    assertThat(stream.requested).isEqualTo(2);
    stream.deliver("2");
    drain();
    assertThat(stream.requested).as("written, not acknowledged").isEqualTo(2);
    receive(ack("7"));
    assertThat(stream.requested).isEqualTo(3);
  }

  @Test
  void doesNotSaveUpAcknowledgements() {
    receive(request("7", "many") + ack("7") + ack("7") + ack("8"));
    FakeStream stream = calls.many("7");
    drain();
    stream.deliver("1");
    drain();
    assertThat(stream.requested).isEqualTo(1);
    receive(ack("7") + ack("7"));
    assertThat(stream.requested).isEqualTo(2);
  }

  @Test
  void overHttpSendsTheNextChunkWhenTheLastOneIsWritten() {
    connection = open(Carrier.HTTP);
    receive(request("7", "many"));
    FakeStream stream = calls.many("7");
    drain();
    outbound.stalled = true;
    stream.deliver("1");
    drain();
    assertThat(stream.requested).isEqualTo(1);
    outbound.resume();
    drain();
    assertThat(stream.requested).isEqualTo(2);
  }

  @Test
  void endsAStreamWithAnEmptySuccess() {
    receive(request("7", "many"));
    FakeStream stream = calls.many("7");
    stream.deliver("1");
    stream.complete();
    assertThat(sent().get(1))
        .isEqualTo(
            "{\"_tag\":\"Exit\",\"requestId\":7,\"exit\":{\"_tag\":\"Success\",\"value\":null}}");
  }

  @Test
  void endsAStreamThatBreaksWithItsError() {
    receive(request("7", "many"));
    calls.many("7").fail(new RefusedException(Refusal.unavailable()));
    assertThat(sent()).singleElement().asString().contains("\"UNAVAILABLE\"");
  }

  @Test
  void interruptsAStream() {
    receive(request("7", "many"));
    FakeStream stream = calls.many("7");
    drain();
    receive(interrupt("7") + interrupt("7"));
    stream.deliver("late");
    stream.complete();
    assertSent(
        "{\"_tag\":\"Exit\",\"requestId\":7,\"exit\":{\"_tag\":\"Failure\","
            + "\"cause\":[{\"_tag\":\"Interrupt\",\"fiberId\":null}]}}");
    assertThat(stream.cancelled).isTrue();
  }

  @Test
  void interruptsACallThatIsUnderWay() {
    receive(request("\"7\"", "one") + interrupt("\"7\""));
    calls.one("\"7\"").complete("late");
    assertThat(sent())
        .singleElement()
        .asString()
        .contains("\"cause\":{\"_tag\":\"Interrupt\",\"fiberId\":{\"_tag\":\"None\"}}");
  }

  @Test
  void aLateAnswerDoesNotReachTheNextCallWithItsId() {
    receive(request("7", "one"));
    UniEmitter<? super String> first = calls.one("7");
    receive(interrupt("7") + request("7", "one"));
    first.complete("late");
    assertThat(sent()).hasSize(1);
    calls.one("7").complete("right");
    assertThat(sent().get(1)).contains("right");
  }

  @Test
  void letsAPongOvertakeWhatWaitsToBeWritten() {
    outbound.stalled = true;
    receive(request("0", "no.such") + request("1", "no.such") + request("2", "no.such") + ping());
    outbound.stalled = false;
    outbound.resume();
    assertThat(sent()).hasSize(4);
    assertThat(sent().get(0)).contains("\"requestId\":0");
    assertThat(sent().get(1)).contains("Pong");
  }

  @Test
  void joinsWhatGathersWhileItWrites() {
    outbound.stalled = true;
    receive(request("0", "no.such") + request("1", "no.such") + request("2", "no.such"));
    outbound.resume();
    drain();
    assertThat(outbound.writes).hasSize(2);
  }

  @Test
  void closesOnAClientThatDoesNotRead() {
    receive(request("7", "many"));
    FakeStream stream = calls.many("7");
    drain();
    outbound.stalled = true;
    for (int id = 10; id < 20; id++) {
      receive(request(Integer.toString(id), "no.such"));
    }
    assertThat(outbound.closedWith).isEqualTo(Outbound.POLICY_VIOLATION);
    assertThat(stream.cancelled).isTrue();
  }

  @Test
  void keepsAClientThatPingsInFloodsAndReads() {
    outbound.stalled = true;
    receive(ping().repeat(5000));
    outbound.resume();
    drain();
    assertThat(outbound.closedWith).isNotEqualTo(Outbound.POLICY_VIOLATION);
  }

  @Test
  void forgetsItsCallsWhenItCloses() {
    receive(request("7", "many") + request("8", "one"));
    FakeStream stream = calls.many("7");
    drain();
    connection.closed();
    connection.closed();
    assertThat(stream.cancelled).isTrue();
    stream.deliver("late");
    calls.one("8").complete("late");
    receive(request("9", "one"));
    assertThat(sent()).isEmpty();
    assertThat(calls.ones).doesNotContainKey("9");
  }

  @Test
  void cancelsAStreamThatBeginsAfterItWasGivenUp() {
    connection.receive(request("7", "many").getBytes(StandardCharsets.UTF_8));
    connection.closed();
    FakeStream stream = calls.many("7");
    drain();
    assertThat(stream.cancelled).isTrue();
    assertThat(stream.requested).isZero();
  }

  @Test
  void acknowledgesACallWhoseOutcomeIsNotWanted() {
    receive("{\"_tag\":\"Request\",\"id\":0,\"tag\":\"one\",\"discard\":true}\n");
    assertSent(
        "{\"_tag\":\"Exit\",\"requestId\":0,\"exit\":{\"_tag\":\"Success\",\"value\":null}}");
    calls.one("0").complete("{}");
    assertThat(sent()).hasSize(1);
    receive("{\"_tag\":\"Request\",\"id\":1,\"tag\":\"refused\",\"discard\":true}\n");
    assertThat(sent().get(1)).contains("InvalidRequestRpcError");
  }

  @Test
  void acknowledgesAStreamThatNobodyWantsAndDoesNotBeginIt() {
    for (int id = 0; id < 5; id++) {
      receive(
          "{\"_tag\":\"Request\",\"id\":%d,\"tag\":\"many\",\"payload\":{\"id\":%d},\"discard\":true}\n"
              .formatted(id, id));
      assertThat(sent().getLast())
          .isEqualTo(
              "{\"_tag\":\"Exit\",\"requestId\":"
                  + id
                  + ",\"exit\":{\"_tag\":\"Success\",\"value\":null}}");
      assertThat(calls.many(Integer.toString(id)).requested).isZero();
    }
    receive(
        "{\"_tag\":\"Request\",\"id\":9,\"tag\":\"many\",\"payload\":{\"id\":9},\"isNotification\":true}\n");
    assertThat(sent()).as("a notification is not even acknowledged").hasSize(5);
    receive(request("7", "many"));
    drain();
    assertThat(calls.many("7").requested).as("they take no place").isEqualTo(1);
  }

  @Test
  void readsSeveralMessagesOfOneWriteAndOneOfSeveralWithAnyLinesEnd() {
    receive(ping().strip() + "\r\n\r\n" + ping() + "{\"_tag\":");
    assertThat(sent()).hasSize(2);
    receive("\"Ping\"");
    receive("}\r\n");
    assertThat(sent()).hasSize(3).allMatch(line -> line.contains("Pong"));
  }

  @Test
  void saysNothingOfANotification() {
    receive(
        """
        {"_tag":"Request","id":0,"tag":"one","isNotification":true}
        {"_tag":"Request","id":1,"tag":"no.such","isNotification":true}
        {"_tag":"Request","id":2,"tag":"refused","isNotification":true}
        """);
    calls.one("0").complete("{}");
    assertThat(sent()).isEmpty();
  }

  @Test
  void aBodyEndsWhenAllIsAnsweredAndWritten() {
    connection = open(Carrier.HTTP);
    receive(request("0", "one") + request("1", "no.such").stripTrailing());
    connection.endOfInput();
    drain();
    assertThat(sent()).singleElement().asString().contains("no.such");
    assertThat(outbound.closedWith).isZero();
    outbound.stalled = true;
    calls.one("0").complete("0");
    drain();
    assertThat(outbound.closedWith).isZero();
    outbound.resume();
    drain();
    assertThat(outbound.closedWith).isEqualTo(Outbound.NORMAL);
  }

  @Test
  void theEndOfATokenEndsStreamsAndLetsCallsEnd() {
    connection = open(Carrier.HTTP);
    receive(request("1", "many") + request("2", "one"));
    connection.endOfInput();
    connection.expired();
    assertThat(sent())
        .singleElement()
        .asString()
        .contains("\"requestId\":1")
        .contains("NotAllowedRpcError")
        .contains("expired");
    calls.one("2").complete("7");
    assertThat(sent()).hasSize(2);
    assertThat(outbound.closedWith).isEqualTo(Outbound.NORMAL);
  }

  @Test
  void anEmptyBodyEndsAtOnce() {
    connection = open(Carrier.HTTP);
    connection.endOfInput();
    assertThat(outbound.closedWith).isEqualTo(Outbound.NORMAL);
    assertThat(sent()).isEmpty();
  }

  private RpcConnection open(Carrier carrier) {
    return open(carrier, Serialization.NDJSON, SMALL);
  }

  private RpcConnection open(Carrier carrier, Serialization serialization, RpcSettings settings) {
    RpcEndpoint endpoint =
        new RpcEndpoint(
            calls,
            new RpcReader(JsonLimits.DEFAULTS),
            settings,
            new WireMetrics(metrics).endpoint("/ws"),
            () -> nanos);
    return new RpcConnection(
        endpoint,
        outbound,
        tasks::add,
        new Manner(carrier, serialization, false),
        Standing.of(Caller.EVERYBODY));
  }

  private RpcConnection openWithFrames(int perSecond, int burst) {
    return open(
        Carrier.SOCKET,
        Serialization.NDJSON,
        new RpcSettings(
            100,
            50,
            200,
            5,
            400,
            Duration.ofSeconds(30),
            new ConnectionSettings(
                100_000, Duration.ofSeconds(15), Duration.ofSeconds(10), perSecond, burst)));
  }

  private double refusals(String limit) {
    Counter counter = metrics.find("parley.wire.refusals").tag("limit", limit).counter();
    return counter == null ? 0 : counter.count();
  }

  private void receive(String text) {
    connection.receive(text.getBytes(StandardCharsets.UTF_8));
    drain();
  }

  private void drain() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void assertSent(String... lines) {
    assertThat(sent()).containsExactly(lines);
  }

  private List<String> sent() {
    drain();
    return outbound.writes.stream().flatMap(String::lines).toList();
  }

  private static String request(String id, String tag) {
    return "{\"_tag\":\"Request\",\"id\":%s,\"tag\":\"%s\",\"payload\":{\"id\":%s}}\n"
        .formatted(id, tag, id);
  }

  private static String ack(String id) {
    return "{\"_tag\":\"Ack\",\"requestId\":" + id + "}\n";
  }

  private static String interrupt(String id) {
    return "{\"_tag\":\"Interrupt\",\"requestId\":" + id + "}\n";
  }

  private static String ping() {
    return "{\"_tag\":\"Ping\"}\n";
  }

  private static String id(String line) {
    return line.replaceAll(".*\"requestId\":([^,]*),.*", "$1");
  }

  /// Knows the calls `one`, `many`, `refused` and `thrown`; a payload names the answer to steer.
  private static final class FakeCalls implements Calls {
    final Map<String, UniEmitter<? super String>> ones = new HashMap<>();
    final Map<String, FakeStream> manies = new HashMap<>();

    @Override
    public Answer call(Standing standing, String tag, @Nullable String payload, Incoming incoming) {
      String name = payload == null ? "0" : payload.replaceAll("\\{\"id\":(.*)}", "$1");
      return switch (tag) {
        case "one" ->
            new Answer.One("u:a:t", Uni.createFrom().emitter(emitter -> ones.put(name, emitter)));
        case "many" -> {
          FakeStream stream = new FakeStream();
          manies.put(name, stream);
          yield new Answer.Many(
              "u:a:t",
              Multi.createFrom().publisher(stream).map(values -> new Answer.Batch(values, null)));
        }
        case "refused" ->
            throw new RefusedException(new Refusal.InvalidRequest("x is missing", "x"));
        case "thrown" -> throw new IllegalStateException("secret");
        default -> new Answer.Unknown();
      };
    }

    UniEmitter<? super String> one(String name) {
      return Objects.requireNonNull(ones.get(name), name);
    }

    FakeStream many(String name) {
      return Objects.requireNonNull(manies.get(name), name);
    }
  }

  private static final class FakeStream implements Flow.Publisher<List<String>>, Flow.Subscription {
    private Flow.@Nullable Subscriber<? super List<String>> subscriber;
    long requested;
    boolean cancelled;

    @Override
    public void subscribe(Flow.Subscriber<? super List<String>> subscriber) {
      this.subscriber = subscriber;
      subscriber.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      requested += n;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    void deliver(String... values) {
      subscriber().onNext(List.of(values));
    }

    void complete() {
      subscriber().onComplete();
    }

    void fail(Throwable failure) {
      subscriber().onError(failure);
    }

    private Flow.Subscriber<? super List<String>> subscriber() {
      if (subscriber == null) {
        throw new AssertionError("nobody subscribed");
      }
      return subscriber;
    }
  }

  /// Writes at once, unless it is stalled.
  private static final class FakeOutbound implements Outbound {
    final List<String> writes = new ArrayList<>();
    boolean stalled;
    int closedWith;
    private @Nullable UniEmitter<? super Void> pending;

    @Override
    public Uni<Void> send(String lines) {
      assertThat(pending).as("one write at a time").isNull();
      writes.add(lines);
      return stalled
          ? Uni.createFrom().emitter(emitter -> pending = emitter)
          : Uni.createFrom().voidItem();
    }

    @Override
    public void close(int code, String reason) {
      closedWith = code;
    }

    void resume() {
      stalled = false;
      UniEmitter<? super Void> written = pending;
      pending = null;
      if (written != null) {
        written.complete(null);
      }
    }
  }
}
