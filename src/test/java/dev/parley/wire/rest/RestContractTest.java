package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.session.Refusal;
import dev.parley.store.EffectInspector.StoredEffect;
import dev.parley.store.json.Samples;
import dev.parley.testing.Contract;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Problems and effects are what `docs/contract` says. The problem of a refusal is the typed error
/// and what RFC 9457 adds.
class RestContractTest {
  private static final List<String> ADDED = List.of("type", "title", "status", "detail");

  @Test
  void everyProblemIsOfTheContractAndNothingElseIs() {
    Stream<String> refusals = Samples.of(Refusal.class).map(r -> entity(Problems.of(r)));
    Stream<String> others =
        Stream.of(entity(Problems.of(404)), entity(Problems.of("EffectNotFound", 404, "none")));
    Contract.assertIsExactly("Problem", Stream.concat(refusals, others).toList());
  }

  @Test
  void theProblemOfARefusalHoldsItsTypedError() {
    assertThat(Samples.of(Refusal.class).map(r -> entity(Problems.of(r))))
        .allSatisfy(problem -> {
          ObjectNode error = (ObjectNode) Contract.read(problem);
          error.remove(ADDED);
          Contract.assertFits("RpcError", List.of(error.toString()));
        });
  }

  @Test
  void everyEffectIsOfTheContractAndNothingElseIs() {
    Contract.assertIsExactly(
        "EffectPage", List.of(EffectsResource.list(Samples.of(StoredEffect.class).toList(), 8)));
  }

  private static String entity(Response problem) {
    return (String) problem.getEntity();
  }
}
