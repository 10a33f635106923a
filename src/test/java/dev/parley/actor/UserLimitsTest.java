package dev.parley.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.session.Command.WhenBusy;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.session.SessionKey;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UserLimitsTest {
  private long nanos;
  private final UserLimits limits = limits(3, 2);

  private UserLimits limits(int sends, int remembered) {
    return new UserLimits(new UserLimits.Settings(sends, 0, remembered), () -> nanos);
  }

  @Test
  void refusesWhatAUserSendsTooMuchAndSaysWhenToComeAgain() {
    send("ann", 3);
    assertThatThrownBy(() -> limits.send("ann"))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal())
                    .isEqualTo(
                        new Refusal.LimitExceeded(
                            "userSends", "A user sends at most 3 messages a minute.", 20_000L)));
    limits.send("ben");
    nanos += TimeUnit.SECONDS.toNanos(20);
    limits.send("ann");
    assertThatThrownBy(() -> limits.send("ann")).isInstanceOf(RefusedException.class);
  }

  @Test
  void forgetsWhoIsQuiet() {
    send("ann", 3);
    nanos += TimeUnit.SECONDS.toNanos(59);
    limits.send("ben");
    assertThat(limits.remembered()).isEqualTo(2);
    nanos += TimeUnit.SECONDS.toNanos(2);
    limits.send("ben");
    assertThat(limits.remembered()).isEqualTo(1);
    send("ann", 3);
  }

  @Test
  void remembersNoMoreThanItMay() {
    send("ann", 3);
    limits.send("ben");
    limits.send("cyd");
    assertThat(limits.remembered()).isEqualTo(2);
    // who sent longest ago begins anew
    send("ann", 3);
  }

  @Test
  void limitsNobodyWhenItIsToldNotTo() {
    UserLimits none = limits(0, 1);
    for (int i = 0; i < 1000; i++) {
      none.send("ann");
    }
    assertThat(none.remembered()).isZero();
  }

  @Test
  void aSendOverTheLimitReachesNoSession() {
    HubWorld world = new HubWorld();
    SessionKey key = world.created("t");
    world.restartWithLimits(new UserLimits.Settings(1, 0, 10));
    var _ = world.done(world.hub().send(key, "one", null, null, WhenBusy.QUEUE, null)).reply();
    assertThat(
            limit(
                world
                    .done(world.hub().send(key, "two", null, null, WhenBusy.QUEUE, null))
                    .refusal()))
        .isEqualTo("userSends");
    assertThat(limit(world.done(world.hub().regenerate(key, null, null, null, null)).refusal()))
        .isEqualTo("userSends");
  }

  @Test
  void aUserMakesNoMoreSessionsThanItMayHave() {
    HubWorld world = new HubWorld();
    SessionKey first = world.created("first");
    world.restartWithLimits(new UserLimits.Settings(0, 2, 10));
    world.created("second");
    SessionKey third = new SessionKey(first.userId(), first.agentId(), "third");
    assertThat(limit(world.done(world.hub().create(third, null)).refusal()))
        .isEqualTo("userSessions");
    assertThat(world.done(world.hub().create(first, null)).refusal())
        .isEqualTo(new Refusal.SessionExists(first));
    assertThat(world.done(world.hub().delete(first)).reply()).isTrue();
    assertThat(world.done(world.hub().create(third, null)).reply()).isNotNull();
  }

  private static String limit(Refusal refusal) {
    assertThat(refusal).isInstanceOf(Refusal.LimitExceeded.class);
    return ((Refusal.LimitExceeded) refusal).limit();
  }

  private void send(String userId, int times) {
    assertThatCode(
            () -> {
              for (int i = 0; i < times; i++) {
                limits.send(userId);
              }
            })
        .doesNotThrowAnyException();
  }
}
