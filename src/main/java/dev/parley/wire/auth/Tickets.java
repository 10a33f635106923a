package dev.parley.wire.auth;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What browsers show where they cannot send a header: good for one connection, and soon for none.
/// Kept in this process's memory, and there as hashes: whoever reads it cannot come in with what he
/// finds. Used from any thread.
public final class Tickets {
  private static final int RANDOM_BYTES = 32;

  private final Settings settings;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  /// By hash, the eldest first: all live equally long, and the eldest is the first to end.
  private final Map<String, Open> open = new LinkedHashMap<>();

  private final Map<String, Integer> openOfUser = new HashMap<>();

  /// @param life of one ticket
  /// @param perUserMax open ones of one user
  /// @param openMax open ones of all users
  public record Settings(Duration life, int perUserMax, int openMax) {
    public Settings {
      if (life.isNegative() || life.isZero() || perUserMax < 1 || openMax < perUserMax) {
        throw new IllegalArgumentException(
            "parley.auth.ticket-life is positive, parley.auth.tickets-per-user-max at least 1, and"
                + " parley.auth.tickets-max not less than that");
      }
    }
  }

  /// @param value what the client shows; it is kept nowhere here
  public record Ticket(String value, Instant expiresAt) {}

  private record Open(String userId, Caller caller, Instant until) {}

  public Tickets(Settings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /// Makes a ticket that stands for the caller, his token's end included.
  ///
  /// @throws RefusedException with [Refusal.LimitExceeded] when there are too many already
  public synchronized Ticket issue(Caller caller) {
    String userId = Objects.requireNonNull(caller.userId());
    Instant now = clock.instant();
    clear(now);
    if (openOfUser.getOrDefault(userId, 0) >= settings.perUserMax()) {
      throw tooMany(
          "userTickets", "A user has at most " + settings.perUserMax() + " open tickets.");
    }
    if (open.size() >= settings.openMax()) {
      throw tooMany("tickets", "There are too many open tickets.");
    }
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    String value = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    Instant until = now.plus(settings.life());
    Instant end = caller.expiresAt();
    open.put(hash(value), new Open(userId, caller, until));
    openOfUser.merge(userId, 1, Integer::sum);
    return new Ticket(value, end != null && end.isBefore(until) ? end : until);
  }

  private RefusedException tooMany(String limit, String message) {
    return new RefusedException(
        new Refusal.LimitExceeded(limit, message, settings.life().toMillis()));
  }

  /// Takes a ticket; the same is never good again.
  ///
  /// @return whom it stands for; absent: nobody, or nobody any more
  public synchronized @Nullable Caller redeem(String value) {
    Instant now = clock.instant();
    clear(now);
    Open ticket = open.remove(hash(value));
    if (ticket == null) {
      return null;
    }
    leave(ticket);
    Instant end = ticket.caller().expiresAt();
    return end != null && !end.isAfter(now) ? null : ticket.caller();
  }

  private void clear(Instant now) {
    for (Iterator<Open> eldest = open.values().iterator(); eldest.hasNext(); ) {
      Open ticket = eldest.next();
      if (ticket.until().isAfter(now)) {
        return;
      }
      eldest.remove();
      leave(ticket);
    }
  }

  private void leave(Open ticket) {
    openOfUser.computeIfPresent(ticket.userId(), (_, count) -> count > 1 ? count - 1 : null);
  }

  private static String hash(String value) {
    byte[] hash = UserIds.sha256(value.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(hash);
  }
}
