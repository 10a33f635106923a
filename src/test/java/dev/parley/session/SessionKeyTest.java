package dev.parley.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requirement K1.
class SessionKeyTest {
  private static final String LONGEST = "a".repeat(SessionKey.PART_LENGTH_MAX);

  @Test
  void isThreePartsJoinedByColons() {
    SessionKey key = SessionKey.parse("Ann_1:demo:thread-9");
    assertThat(key).isEqualTo(new SessionKey("Ann_1", "demo", "thread-9"));
    assertThat(key).hasToString("Ann_1:demo:thread-9");
  }

  @Test
  void takesPartsOfTheFullLength() {
    String longest = LONGEST + ":" + LONGEST + ":" + LONGEST;
    assertThat(SessionKey.parse(longest)).hasToString(longest);
  }

  @Test
  void takesTheFirstAndTheLastOfEachRangeOfCharacters() {
    assertThat(SessionKey.parse("az:AZ:09_-")).isEqualTo(new SessionKey("az", "AZ", "09_-"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        ":demo:t,userId is empty",
        "ann::t,agentId is empty",
        "ann:demo:,threadId is empty",
        "ann,agentId is missing: a session key is userId:agentId:threadId",
        "ann:demo,threadId is missing: a session key is userId:agentId:threadId",
        "`:demo:t,\"userId may only hold letters, digits, '_' and '-'\"",
        "ann:{:t,\"agentId may only hold letters, digits, '_' and '-'\"",
        "ann:demo:/,\"threadId may only hold letters, digits, '_' and '-'\""
      })
  void saysWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> SessionKey.parse(text))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(((Refusal.InvalidRequest) e.refusal()).message()).isEqualTo(message));
  }

  @ParameterizedTest
  @CsvSource({
    "'',userId",
    "ann:de/mo,agentId",
    "ann,agentId",
    "ann:demo,threadId",
    ":demo:t,userId",
    "ann::t,agentId",
    "ann:demo:,threadId",
    "a nn:demo:t,userId",
    "ann:de/mo:t,agentId",
    "ann:demo:t.1,threadId",
    "ann:demo:t:u,threadId",
    "änn:demo:t,userId",
    "ann:demo:t\u0000x,threadId",
    "ａnn:demo:t,userId"
  })
  void refusesAnythingElseAndNamesThePart(String text, String field) {
    assertThatThrownBy(() -> SessionKey.parse(text))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e ->
                assertThat(e.refusal())
                    .isInstanceOfSatisfying(
                        Refusal.InvalidRequest.class,
                        refusal -> assertThat(refusal.field()).isEqualTo(field)));
  }

  @Test
  void refusesAPartThatIsTooLong() {
    String more = LONGEST + "a";
    for (SessionKey.Part part : SessionKey.Part.values()) {
      String text =
          switch (part) {
            case USER_ID -> more + ":b:c";
            case AGENT_ID -> "a:" + more + ":c";
            case THREAD_ID -> "a:b:" + more;
          };
      assertThatThrownBy(() -> SessionKey.parse(text))
          .isInstanceOfSatisfying(
              RefusedException.class,
              e ->
                  assertThat(((Refusal.InvalidRequest) e.refusal()).field())
                      .isEqualTo(part.word()));
    }
  }
}
