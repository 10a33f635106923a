package dev.parley.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TicketsTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration LIFE = Duration.ofSeconds(30);

  private Instant now = BEGIN;
  private final Tickets tickets = new Tickets(new Tickets.Settings(LIFE, 2, 3), () -> now);

  @Test
  void isGoodOnce() {
    Caller ann = user("ann", Duration.ofHours(1));
    Tickets.Ticket ticket = tickets.issue(ann);
    assertThat(ticket.value()).matches("[A-Za-z0-9_-]{43}");
    assertThat(ticket.expiresAt()).isEqualTo(BEGIN.plus(LIFE));
    assertThat(tickets.redeem(ticket.value())).isEqualTo(ann);
    assertThat(tickets.redeem(ticket.value())).isNull();
  }

  @Test
  void isGoodForItsLifeAndNoLonger() {
    String late = tickets.issue(user("ann", Duration.ofHours(1))).value();
    String early = tickets.issue(user("ann", Duration.ofHours(1))).value();
    now = BEGIN.plus(LIFE).minusMillis(1);
    assertThat(tickets.redeem(early)).isNotNull();
    now = BEGIN.plus(LIFE);
    assertThat(tickets.redeem(late)).isNull();
  }

  @Test
  void isGoodNoLongerThanTheTokenItStandsFor() {
    Tickets.Ticket ticket = tickets.issue(user("ann", Duration.ofSeconds(5)));
    assertThat(ticket.expiresAt()).isEqualTo(BEGIN.plusSeconds(5));
    now = BEGIN.plusSeconds(5);
    assertThat(tickets.redeem(ticket.value())).isNull();
  }

  @Test
  void knowsNoTicketThatItDidNotIssue() {
    assertThat(tickets.redeem("")).isNull();
    assertThat(tickets.redeem("x".repeat(43))).isNull();
  }

  @Test
  void issuesNoMoreThanAUserMayHave() {
    String first = tickets.issue(user("ann", LIFE)).value();
    tickets.issue(user("ann", LIFE));
    assertRefused("ann", "userTickets");
    assertThat(tickets.redeem(first)).isNotNull();
    tickets.issue(user("ann", LIFE));
    assertRefused("ann", "userTickets");
    now = BEGIN.plus(LIFE);
    tickets.issue(user("ann", LIFE));
  }

  @Test
  void issuesNoMoreThanThereMayBe() {
    tickets.issue(user("ann", LIFE));
    tickets.issue(user("ann", LIFE));
    tickets.issue(user("ben", LIFE));
    assertRefused("cyd", "tickets");
    now = BEGIN.plus(LIFE);
    tickets.issue(user("cyd", LIFE));
  }

  private void assertRefused(String userId, String limit) {
    assertThatThrownBy(() -> tickets.issue(user(userId, LIFE)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal())
                    .isInstanceOfSatisfying(
                        Refusal.LimitExceeded.class,
                        exceeded -> {
                          assertThat(exceeded.limit()).isEqualTo(limit);
                          assertThat(exceeded.retryAfterMs()).isEqualTo(LIFE.toMillis());
                        }));
  }

  private Caller user(String userId, Duration life) {
    return new Caller.User(userId, now.plus(life));
  }
}
