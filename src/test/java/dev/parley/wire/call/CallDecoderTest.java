package dev.parley.wire.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.loop.Ids;
import dev.parley.session.ClientMessageId;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.store.page.HistoryPlace;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CallDecoderTest {
  private static final SessionKey KEY = new SessionKey("u", "demo", "t");

  private final CallDecoder decoder =
      new CallDecoder(
          new FixedIds(),
          64,
          new PageLimits(
              new PageLimits.Limit(50, 500),
              new PageLimits.Limit(40, 400),
              new PageLimits.Limit(30, 300)),
          JsonLimits.DEFAULTS);

  @Test
  void makesAThreadIdWhereNoneIsGiven() {
    assertThat(decoder.decode("session.create", "{\"userId\":\"u\",\"agentId\":\"demo\"}"))
        .isEqualTo(new Call.SessionCreate(new SessionKey("u", "demo", "NEW"), null));
    assertThat(
            decoder.decode(
                "session.create",
                "{\"userId\":\"u\",\"agentId\":\"demo\",\"threadId\":\"t\",\"title\":\"é\"}"))
        .isEqualTo(new Call.SessionCreate(KEY, "é"));
  }

  @Test
  void readsEachCall() {
    assertThat(decoder.decode("session.get", "{\"sessionId\":\"u:demo:t\",\"more\":[{}]}"))
        .isEqualTo(new Call.SessionGet(KEY));
    assertThat(decoder.decode("chat.getState", "{\"sessionId\":\"u:demo:t\"}"))
        .isEqualTo(new Call.ChatGetState(KEY));
    assertThat(
            decoder.decode(
                "chat.subscribe",
                "{\"sessionId\":\"u:demo:t\",\"afterSeq\":9007199254740991,\"incarnation\":\"i\"}"))
        .isEqualTo(new Call.ChatSubscribe(KEY, 9007199254740991L, "i"));
    assertThat(decoder.decode("chat.subscribe", "{\"sessionId\":\"u:demo:t\",\"afterSeq\":null}"))
        .isEqualTo(new Call.ChatSubscribe(KEY, null, null));
    assertThat(
            decoder.decode(
                "chat.interrupt", "{\"sessionId\":\"u:demo:t\",\"turnId\":\"x\",\"discard\":true}"))
        .isEqualTo(new Call.ChatInterrupt(KEY, new TurnId("x"), true));
    assertThat(decoder.decode("chat.dequeue", "{\"sessionId\":\"u:demo:t\",\"messageId\":\"m\"}"))
        .isEqualTo(new Call.ChatDequeue(KEY, new MessageId("m")));
    assertThat(
            decoder.decode(
                "chat.respondToToolApproval",
                "{\"sessionId\":\"u:demo:t\",\"approvalId\":\"a\",\"approved\":false}"))
        .isEqualTo(new Call.ChatRespondToToolApproval(KEY, "a", false, null));
    assertThat(
            decoder.decode(
                "chat.respondToToolApproval",
                "{\"sessionId\":\"u:demo:t\",\"approvalId\":\"a\",\"approved\":true,\"reason\":\"fine\"}"))
        .isEqualTo(new Call.ChatRespondToToolApproval(KEY, "a", true, "fine"));
    assertThat(decoder.decode("no.such", "{}")).isNull();
  }

  @Test
  void wantsToKnowWhatIsApprovedAndHow() {
    String key = "{\"sessionId\":\"u:demo:t\"";
    assertInvalid("chat.respondToToolApproval", key + ",\"approved\":true}", "approvalId");
    assertInvalid("chat.respondToToolApproval", key + ",\"approvalId\":\"a\"}", "approved");
    assertInvalid(
        "chat.respondToToolApproval",
        key + ",\"approvalId\":\"a\",\"approved\":\"yes\"}",
        "approved");
    assertInvalid(
        "chat.respondToToolApproval",
        key + ",\"approvalId\":\"a\",\"approved\":true,\"reason\":\"" + "x".repeat(2001) + "\"}",
        "reason");
  }

  @Test
  void readsWhereAPageOfHistoryBegins() {
    assertHistory("", new HistoryPlace.Beginning(), 50);
    assertHistory(",\"limit\":500", new HistoryPlace.Beginning(), 500);
    assertHistory(",\"last\":false", new HistoryPlace.Beginning(), 50);
    assertHistory(",\"afterMessageId\":\"m\"", new HistoryPlace.After(new MessageId("m")), 50);
    assertHistory(
        ",\"beforeMessageId\":\"m\",\"afterMessageId\":null,\"limit\":1",
        new HistoryPlace.Before(new MessageId("m")),
        1);
    assertHistory(",\"last\":true", new HistoryPlace.End(), 50);
    assertHistory(",\"last\":true,\"limit\":7", new HistoryPlace.End(), 7);
    assertHistory(",\"last\":7", new HistoryPlace.End(), 7);
  }

  private void assertHistory(String fields, HistoryPlace place, int limit) {
    assertThat(decoder.decode("chat.getHistory", "{\"sessionId\":\"u:demo:t\"" + fields + "}"))
        .isEqualTo(new Call.ChatGetHistory(KEY, place, limit));
  }

  @Test
  void readsWhatElseIsListed() {
    assertThat(decoder.decode("session.listTurns", "{\"sessionId\":\"u:demo:t\"}"))
        .isEqualTo(new Call.SessionListTurns(KEY, null, 40));
    assertThat(
            decoder.decode(
                "session.listTurns", "{\"sessionId\":\"u:demo:t\",\"after\":\"x\",\"limit\":400}"))
        .isEqualTo(new Call.SessionListTurns(KEY, new TurnId("x"), 400));
    assertThat(decoder.decode("session.list", "{\"userId\":\"u\"}"))
        .isEqualTo(new Call.SessionList("u", null, null, 30));
    assertThat(
            decoder.decode(
                "session.list",
                "{\"userId\":\"u\",\"agentId\":\"demo\",\"after\":\"u:demo:t\",\"limit\":300}"))
        .isEqualTo(new Call.SessionList("u", "demo", KEY, 300));
    assertThat(decoder.decode("session.watch", "{\"userId\":\"u\"}"))
        .isEqualTo(new Call.SessionWatch("u"));
  }

  @Test
  void readsWhatChangesASession() {
    assertThat(decoder.decode("session.update", "{\"sessionId\":\"u:demo:t\",\"title\":\"\"}"))
        .isEqualTo(new Call.SessionUpdate(KEY, ""));
    assertThat(decoder.decode("session.touch", "{\"sessionId\":\"u:demo:t\"}"))
        .isEqualTo(new Call.SessionTouch(KEY));
    assertThat(decoder.decode("session.delete", "{\"sessionId\":\"u:demo:t\"}"))
        .isEqualTo(new Call.SessionDelete(KEY));
    assertRefused("session.update", "{\"sessionId\":\"u:demo:t\"}", "title");
    assertRefused(
        "session.update",
        "{\"sessionId\":\"u:demo:t\",\"title\":\"" + "x".repeat(513) + "\"}",
        "title");
  }

  @Test
  void readsARegeneration() {
    assertThat(decoder.decode("chat.regenerate", "{\"sessionId\":\"u:demo:t\"}"))
        .isEqualTo(new Call.ChatRegenerate(KEY, null, null, null));
    assertThat(
            decoder.decode(
                "chat.regenerate",
                "{\"sessionId\":\"u:demo:t\",\"messageId\":\"m\",\"content\":\"é\","
                    + "\"clientMessageId\":\"c\"}"))
        .isEqualTo(new Call.ChatRegenerate(KEY, new MessageId("m"), "é", new ClientMessageId("c")));
    assertRefused("chat.regenerate", "{\"sessionId\":\"u:demo:t\",\"content\":\"\"}", "content");
    assertRefused(
        "chat.regenerate", "{\"sessionId\":\"u:demo:t\",\"messageId\":\"\"}", "messageId");
    assertThatThrownBy(() ->
            decoder.decode(
                "chat.regenerate",
                "{\"sessionId\":\"u:demo:t\",\"content\":\"" + "é".repeat(33) + "\"}"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.LimitExceeded.class));
  }

  private void assertRefused(String tag, String payload, String field) {
    assertThatThrownBy(() -> decoder.decode(tag, payload))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(((Refusal.InvalidRequest) refused.refusal()).field()).isEqualTo(field));
  }

  @Test
  void readsASend() {
    assertThat(decoder.decode("chat.send", send("\"content\":\"hi\"")))
        .isEqualTo(new Call.ChatSend(KEY, "hi", null, null, WhenBusy.QUEUE));
    assertThat(
            decoder.decode(
                "chat.send",
                send("\"content\":\"hi\",\"clientMessageId\":\"c\",\"whenBusy\":\"reject\"")))
        .isEqualTo(new Call.ChatSend(KEY, "hi", null, new ClientMessageId("c"), WhenBusy.REJECT));
  }

  @Test
  void keepsThePartsNumbersExactly() {
    assertThat(
            decoder.decode(
                "chat.send",
                send(
                    "\"content\":\"\",\"parts\":"
                        + " [ {\"type\":\"data-n\",\"data\": [1.10, 1e400]} ]")))
        .isEqualTo(
            new Call.ChatSend(
                KEY,
                "",
                new JsonText("[{\"type\":\"data-n\",\"data\":[1.10,1E+400]}]"),
                null,
                WhenBusy.QUEUE));
  }

  @Test
  void measuresContentInUtf8WithItsParts() {
    assertThat(decoder.decode("chat.send", send("\"content\":\"" + "é".repeat(32) + "\"")))
        .isNotNull();
    assertLimited(send("\"content\":\"" + "é".repeat(33) + "\""));
    assertLimited(
        send("\"content\":\"" + "x".repeat(43) + "\",\"parts\":[{\"type\":\"step-start\"}]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "session.create|{\"agentId\":\"demo\"}|userId",
        "session.create|{\"userId\":\"a b\",\"agentId\":\"demo\"}|userId",
        "session.create|{\"userId\":\"u\",\"agentId\":\"\"}|agentId",
        "session.create|{\"userId\":\"u\",\"agentId\":\"demo\",\"threadId\":\":\"}|threadId",
        "session.create|{\"userId\":\"u\",\"agentId\":\"demo\",\"title\":\"\\u0000\"}|title",
        "session.get|{}|sessionId",
        "session.get|{\"sessionId\":1}|sessionId",
        "session.get|{\"sessionId\":\"u\"}|agentId",
        "session.get|{\"sessionId\":\"u:demo:ü\"}|threadId",
        "chat.subscribe|{\"sessionId\":\"u:demo:t\",\"afterSeq\":-1}|afterSeq",
        "chat.subscribe|{\"sessionId\":\"u:demo:t\",\"afterSeq\":1.5}|afterSeq",
        "chat.subscribe|{\"sessionId\":\"u:demo:t\",\"afterSeq\":99999999999999999999}|afterSeq",
        "chat.subscribe|{\"sessionId\":\"u:demo:t\",\"incarnation\":\"é\"}|incarnation",
        "chat.interrupt|{\"sessionId\":\"u:demo:t\",\"turnId\":\"\"}|turnId",
        "chat.interrupt|{\"sessionId\":\"u:demo:t\",\"discard\":\"yes\"}|discard",
        "chat.dequeue|{\"sessionId\":\"u:demo:t\"}|messageId",
        "session.listTurns|{}|sessionId",
        "session.listTurns|{\"sessionId\":\"u:demo:t\",\"limit\":0}|limit",
        "session.listTurns|{\"sessionId\":\"u:demo:t\",\"limit\":401}|limit",
        "session.listTurns|{\"sessionId\":\"u:demo:t\",\"after\":\"é\"}|after",
        "session.list|{}|userId",
        "session.list|{\"userId\":\"a b\"}|userId",
        "session.list|{\"userId\":\"u\",\"agentId\":\"\"}|agentId",
        "session.list|{\"userId\":\"u\",\"after\":\"u:demo\"}|after",
        "session.list|{\"userId\":\"u\",\"limit\":301}|limit",
        "session.watch|{}|userId",
        "session.watch|{\"userId\":\":\"}|userId",
      })
  void refusesWhatDoesNotFitByItsField(String tag, String payload, String field) {
    assertInvalid(tag, payload, field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"afterMessageId\":\"a\",\"beforeMessageId\":\"b\"|beforeMessageId",
        "\"afterMessageId\":\"a\",\"last\":true|last",
        "\"beforeMessageId\":\"a\",\"last\":3|last",
        "\"afterMessageId\":\"\"|afterMessageId",
        "\"beforeMessageId\":5|beforeMessageId",
        "\"last\":\"all\"|last",
        "\"last\":0|last",
        "\"last\":501|last",
        "\"last\":3,\"limit\":3|limit",
        "\"limit\":0|limit",
        "\"limit\":501|limit",
        "\"limit\":-1|limit",
        "\"limit\":true|limit",
      })
  void refusesAPageOfHistoryThatDoesNotFitByItsField(String fields, String field) {
    assertInvalid("chat.getHistory", "{\"sessionId\":\"u:demo:t\"," + fields + "}", field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"x\":1|content",
        "\"content\":\"\"|content",
        "\"content\":\"\",\"parts\":[]|content",
        "\"content\":\"a\\ud800\"|content",
        "\"content\":\"a\",\"parts\":{}|parts",
        "\"content\":\"a\",\"parts\":[1]|parts",
        "\"content\":\"a\",\"parts\":[{\"n\":1e99999999999}]|parts",
        "\"content\":\"a\",\"parts\":[{\"a\":[\"\\u0000\"]}]|parts",
        "\"content\":\"a\",\"parts\":[{\"\\udc00\":1}]|parts",
        "\"content\":\"a\",\"whenBusy\":\"wait\"|whenBusy",
        "\"content\":\"a\",\"clientMessageId\":\"\"|clientMessageId",
        "\"content\":\"a\",\"clientMessageId\":\"é\"|clientMessageId",
      })
  void refusesASendThatDoesNotFitByItsField(String fields, String field) {
    assertInvalid("chat.send", send(fields), field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"x\""})
  void refusesAPayloadThatIsNoObject(String payload) {
    assertInvalid("session.get", payload, null);
  }

  @Test
  void refusesALongTitle() {
    assertInvalid(
        "session.create",
        "{\"userId\":\"u\",\"agentId\":\"demo\",\"title\":\"" + "x".repeat(513) + "\"}",
        "title");
  }

  private static String send(String fields) {
    return "{\"sessionId\":\"u:demo:t\"," + fields + "}";
  }

  private void assertInvalid(String tag, String payload, @Nullable String field) {
    assertThatThrownBy(() -> decoder.decode(tag, payload))
        .asInstanceOf(InstanceOfAssertFactories.type(RefusedException.class))
        .extracting(RefusedException::refusal)
        .asInstanceOf(InstanceOfAssertFactories.type(Refusal.InvalidRequest.class))
        .extracting(Refusal.InvalidRequest::field)
        .isEqualTo(field);
  }

  private void assertLimited(String payload) {
    assertThatThrownBy(() -> decoder.decode("chat.send", payload))
        .asInstanceOf(InstanceOfAssertFactories.type(RefusedException.class))
        .extracting(RefusedException::refusal)
        .asInstanceOf(InstanceOfAssertFactories.type(Refusal.LimitExceeded.class))
        .extracting(Refusal.LimitExceeded::limit)
        .isEqualTo("content");
  }

  private static final class FixedIds implements Ids {
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
