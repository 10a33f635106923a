package dev.parley.wire.rpc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.testing.Contract;
import dev.parley.wire.call.JsonLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The messages of Effect RPC are what `docs/contract` says, in every dialect.
class RpcContractTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");

  @Test
  void everyMessageToAClientIsOfTheContractAndNothingElseIs() {
    List<String> lines = new ArrayList<>(List.of(RpcWriter.PONG, RpcWriter.defect("no")));
    RpcId number = new RpcId(true, "7");
    for (RpcId id : List.of(number, new RpcId(false, "a"))) {
      lines.add(RpcWriter.success(id, "null"));
      lines.add(RpcWriter.chunk(id, List.of(told("SessionDeleted"), told("SessionRemoved"))));
      for (boolean beta : List.of(true, false)) {
        Dialect dialect = Dialect.of(id, beta);
        lines.add(RpcWriter.fail(id, dialect, new Refusal.SessionBusy(KEY)));
        lines.add(RpcWriter.die(id, dialect, "why"));
        lines.add(RpcWriter.interrupted(id, dialect));
      }
    }
    Contract.assertIsExactly(
        "RpcServerMessage", lines, "SessionEvent", "SessionChange", "RpcError");
  }

  private static String told(String name) {
    return Contract.sample(name).toString();
  }

  @Test
  void everyMessageOfAClientIsRead() {
    Set<Class<?>> read = new HashSet<>();
    for (String name : Contract.alternatives("RpcClientMessage")) {
      RpcMessage message = read(Contract.sample(name).toString());
      assertThat(read.add(message.getClass())).as(name).isTrue();
    }
    // What the others say of it: nothing to do, too much, or no message at all.
    read.add(RpcMessage.Nothing.class);
    read.add(RpcMessage.Refused.class);
    read.add(RpcMessage.Unreadable.class);
    assertThat(read).containsExactlyInAnyOrder(RpcMessage.class.getPermittedSubclasses());
  }

  @Test
  void everyFieldThatIsReadOfARequestIsOfTheContract() {
    var sample = Contract.sample("RpcRequest").put("tag", "session.get");
    sample.set("payload", Contract.sample("SessionName"));
    assertThat(Contract.violations("RpcRequest", sample.toString())).isEmpty();
    assertThat(read(sample.toString()))
        .isEqualTo(
            new RpcMessage.Request(
                new RpcId(true, "1"),
                "session.get",
                "{\"sessionId\":\"u:demo:t\"}",
                RpcMessage.ReplyWish.NONE));
    sample.put("isNotification", false);
    assertThat(read(sample.toString())).extracting("reply").isEqualTo(RpcMessage.ReplyWish.RECEIPT);
    sample.put("tag", "session.list");
    assertThat(Contract.violations("RpcRequest", sample.toString())).isNotEmpty();
  }

  private static RpcMessage read(String line) {
    return new RpcReader(JsonLimits.DEFAULTS)
        .read(Serialization.NDJSON, line.getBytes(StandardCharsets.UTF_8))
        .getFirst();
  }
}
