package dev.parley.wire.thread;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.content.Usage;
import dev.parley.session.Refusal;
import dev.parley.session.SessionKey;
import dev.parley.store.json.Samples;
import dev.parley.testing.Contract;
import dev.parley.wire.connection.ConnectionSettings;
import dev.parley.wire.turn.ChatNames;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The frames of the thread protocol are what `docs/contract` says.
class ThreadContractTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");

  @Test
  void everyFrameToAClientIsOfTheContractAndNothingElseIs() {
    List<String> frames =
        Stream.concat(
                Samples.of(Refusal.class)
                    .flatMap(refusal ->
                        Stream.of(
                            ThreadWriter.error(null, refusal), ThreadWriter.error("r", refusal))),
                Stream.of(
                    ThreadWriter.token("r", "a"),
                    ThreadWriter.last("r", "all", 1L, new Usage(1, 2, 3, 4)),
                    ThreadWriter.last("r", "all", null, null),
                    ThreadWriter.cancelled("r")))
            .toList();
    Contract.assertIsExactly("ThreadServerFrame", frames);
  }

  @Test
  void everyFieldOfAFrameOfAClientIsReadAndCheckedUnderItsName() {
    Set<Class<?>> read = new HashSet<>(Set.of(ThreadFrame.Wrong.class));
    for (String name : Contract.alternatives("ThreadClientFrame")) {
      ObjectNode sample = Contract.sample(name);
      if (sample.has("threadId")) {
        sample.put("threadId", "t");
      }
      read.add(read(sample).getClass());
      for (String field : (Iterable<String>) Contract.sample(name)::fieldNames) {
        ObjectNode wrong = sample.deepCopy().put(field, 7);
        assertThat(read(wrong))
            .isInstanceOfSatisfying(
                ThreadFrame.Wrong.class,
                told ->
                    assertThat(((Refusal.InvalidRequest) told.refusal()).field()).isEqualTo(field));
      }
    }
    assertThat(read).containsExactlyInAnyOrder(ThreadFrame.class.getPermittedSubclasses());
  }

  private static ThreadFrame read(ObjectNode frame) {
    return new ThreadReader(
            KEY,
            new ChatNames("u", "demo"),
            new ThreadSettings(1, 1000, 1000, ConnectionSettings.DEFAULTS))
        .read(frame.toString().getBytes(StandardCharsets.UTF_8));
  }
}
