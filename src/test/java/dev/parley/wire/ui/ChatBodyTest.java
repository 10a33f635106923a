package dev.parley.wire.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.JsonText;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatBodyTest {
  @Test
  void takesTheLastMessageOfTheUser() {
    ChatBody body =
        ChatBody.read(
            """
            {"extra":{"deep":[1]},"id":"c1","messages":[
              {"id":"u1","role":"user","parts":[{"type":"text","text":"first"}]},
              {"id":"a1","role":"assistant","parts":[{"type":"text","text":"Hi","state":"done"}]},
              {"parts":[{"type":"text","text":"second"}],"id":"u2","role":"user"}],
             "trigger":"submit-message"}
            """);
    assertThat(body)
        .isEqualTo(new ChatBody("c1", false, null, new ChatBody.Said("u2", "second", null), null));
  }

  @Test
  void takesTheMessageOfABodyThatHasOnlyOne() {
    ChatBody body =
        ChatBody.read(
            """
            {"message":{"id":"u2","role":"user","content":"old form"},"id":"c1","whenBusy":"queue"}
            """);
    assertThat(body)
        .isEqualTo(
            new ChatBody(
                "c1", false, null, new ChatBody.Said("u2", "old form", null), WhenBusy.QUEUE));
  }

  @Test
  void joinsTheTextsAndKeepsTheOtherParts() {
    ChatBody.Said said =
        ChatBody.read(
                """
                {"id":"c1","message":{"id":"u1","role":"user","parts":[
                  {"type":"text","text":"one"},
                  {"type":"file","mediaType":"image/png","url":"data:,x"},
                  {"type":"text","text":"two"}]}}
                """)
            .last();
    assertThat(said)
        .isEqualTo(
            new ChatBody.Said(
                "u1",
                "one\ntwo",
                new JsonText(
                    "[{\"type\":\"file\",\"mediaType\":\"image/png\",\"url\":\"data:,x\"}]")));
  }

  @Test
  void readsARegeneration() {
    ChatBody body =
        ChatBody.read(
            """
            {"id":"c1","messages":[],"trigger":"regenerate-message","messageId":"a1"}
            """);
    assertThat(body).isEqualTo(new ChatBody("c1", true, "a1", null, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no json                                                             |
          []                                                                  |
          {} {}                                                               |
          {}                                                                  | id
          {"id":7}                                                            | id
          {"id":"c","messages":7}                                             | messages
          {"id":"c","messages":[7]}                                           | messages
          {"id":"c","trigger":"else"}                                         | trigger
          {"id":"c","whenBusy":"else"}                                        | whenBusy
          {"id":"c","message":{"role":"user"}}                                | content
          {"id":"c","message":{"role":"user","content":""}}                   | message
          {"id":"c","message":{"role":"user","parts":[]}}                     | message
          {"id":"c","message":{"role":"user","parts":7}}                      | parts
          {"id":"c","message":{"role":"user","parts":[7]}}                    | message
          {"id":"c","message":{"role":"user","parts":[{"type":"odd"}]}}       | message
          {"id":"c","message":{"role":"user","parts":[{"type":"text"}]}}      | message
          """)
  void refusesWhatDoesNotFitByItsField(String body, @Nullable String field) {
    assertThatThrownBy(() -> ChatBody.read(body))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal())
                    .isInstanceOfSatisfying(
                        Refusal.InvalidRequest.class,
                        invalid -> assertThat(invalid.field()).isEqualTo(field)));
  }
}
