package dev.parley.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AccessTest {
  private static final Instant END = Instant.parse("2026-01-01T12:00:00Z");
  private static final SessionKey ANNS = new SessionKey("ann", "demo", "t");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Access access = new Access(metrics);

  @Test
  void aUserReachesItsOwnKeysOnly() {
    assertThat(access.demand(new Caller.User("ann", END), ANNS)).isEqualTo(ANNS);
    assertNotAllowed(() -> access.demand(new Caller.User("ben", END), ANNS));
    assertNotAllowed(() -> access.demand(new Caller.User("Ann", END), ANNS));
    assertThat(refusals("foreign-user")).isEqualTo(2);
  }

  @Test
  void anOperatorMakesOperatorsCallsAndReachesNoKeysOfOthers() {
    Caller operator = new Caller.Operator("ops", END);
    assertThatCode(() -> access.demandOperator(operator)).doesNotThrowAnyException();
    assertNotAllowed(() -> access.demand(operator, ANNS));
  }

  @Test
  void aUserMakesNoOperatorsCalls() {
    assertNotAllowed(() -> access.demandOperator(new Caller.User("ann", END)));
    assertThat(refusals("operators-only")).isEqualTo(1);
  }

  @Test
  void everybodyReachesEverythingWhereNobodyIsAsked() {
    assertThat(access.demand(Caller.EVERYBODY, ANNS)).isEqualTo(ANNS);
    assertThatCode(() -> access.demandOperator(Caller.EVERYBODY)).doesNotThrowAnyException();
  }

  private double refusals(String reason) {
    return metrics.get("parley.auth.refusals").tag("reason", reason).counter().count();
  }

  private static void assertNotAllowed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal())
                    .isInstanceOfSatisfying(
                        Refusal.NotAllowed.class,
                        told -> assertThat(told.message()).doesNotContain("ann")));
  }
}
