package dev.parley.app;

import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.time.Duration;
import java.util.OptionalInt;

/// The settings of who may come in, and of what one user may have; part of [ParleyConfig].
interface AccessConfig {

  /// How callers say who they are.
  enum Mode {
    /// They do not: for one machine, or behind something that asks them.
    NONE,
    /// By a JSON Web Token, checked as `mp.jwt.verify.*` and `smallrye.jwt.*` say.
    JWT
  }

  /// Who is calling.
  interface AuthConfig {

    /// Whether anybody asks.
    @WithParentName
    @WithDefault("none")
    Mode mode();

    /// Runs without authentication on an address that others reach. Whoever reaches it then reads
    /// and writes everything.
    @WithDefault("false")
    boolean allowOpen();

    /// The claim that names the user. What cannot be part of a key is mapped to what can.
    @WithDefault("sub")
    String userClaim();

    /// The group (claim `groups`) that may make operators' calls.
    @WithDefault("operator")
    String operatorRole();

    /// How long a ticket is good: from its answer to the connection it is for.
    @WithDefault("30s")
    Duration ticketLife();

    /// Open tickets of one user: pages that connect at the same moment.
    @WithDefault("16")
    int ticketsPerUserMax();

    /// Open tickets of all users: what is held in memory, some 300 bytes each.
    @WithDefault("100000")
    int ticketsMax();

    /// Threads for tokens whose keys are fetched from somewhere, and have been found good.
    @WithDefault("16")
    int verifyThreads();

    /// Threads for tokens of all other keys: each may wait for an issuer that does not answer.
    @WithDefault("4")
    int verifyNewThreads();

    /// Tokens that may wait for one of those threads, of either kind; beyond, whoever asks is told
    /// to come again.
    @WithDefault("1000")
    int verifyWaitingMax();

    /// How long one token may take, the wait included, before whoever asked is told to come again.
    @WithDefault("10s")
    Duration verifyWait();
  }

  /// What one user may have.
  interface UserConfig {

    /// Open WebSockets of one user, where authentication says who that is.
    @WithDefault("1000")
    int connectionsMax();

    /// Messages of one user in a minute, regenerations included, whoever sends them and over
    /// whatever; 0: as many as may be. So many may also come at once. When it is not said, 600
    /// where authentication says who a user is; without it a client calls itself whatever it likes,
    /// and one program may be many users.
    OptionalInt sendsPerMinute();

    /// Sessions of one user; 0: as many as may be. Making one counts those that there are, in an
    /// index. When it is not said, 100 000 where authentication says who a user is.
    OptionalInt sessionsMax();

    /// Users whose messages are counted at once. Those who have sent nothing for a minute are
    /// forgotten anyhow.
    @WithDefault("100000")
    int rememberedMax();
  }
}
