package dev.parley.wire.ui;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parley.content.ChatStreamEvent;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.store.json.Samples;
import dev.parley.testing.Contract;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The UI message stream, and what is posted for it, are what `docs/contract` says.
class UiContractTest {
  @Test
  void everyPartIsOfTheContractAndNothingElseIs() {
    Contract.assertIsExactly(
        "UiMessageStreamPart", Samples.of(ChatStreamEvent.class).map(UiParts::of).toList());
  }

  @Test
  void everyFieldOfABodyIsRead() {
    ObjectNode body = body().put("trigger", "regenerate-message");
    assertThat(Contract.violations("ChatBody", body.toString())).isEmpty();
    assertThat(ChatBody.read(body.toString()))
        .isEqualTo(new ChatBody("x", true, "x", new ChatBody.Said("x", "x", null), WhenBusy.QUEUE));
    ObjectNode user = ((ObjectNode) body.path("messages").get(0)).put("role", "user");
    user.put("id", "of-all");
    body.remove("message");
    assertThat(ChatBody.read(body.toString()).last())
        .isEqualTo(new ChatBody.Said("of-all", "x", null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "messages", "trigger", "messageId", "whenBusy"})
  void everyFieldOfABodyIsCheckedUnderItsName(String field) {
    ObjectNode body = body();
    body.putObject(field).put("an", "object");
    Assertions.assertThatThrownBy(() -> ChatBody.read(body.toString()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(List.of(((Refusal.InvalidRequest) refused.refusal())))
                    .extracting(Refusal.InvalidRequest::field)
                    .containsExactly(field));
  }

  /// A whole body; a message that comes alone is the user's.
  private static ObjectNode body() {
    ObjectNode body = Contract.sample("ChatBody");
    ((ObjectNode) body.path("message")).put("role", "user");
    return body;
  }
}
