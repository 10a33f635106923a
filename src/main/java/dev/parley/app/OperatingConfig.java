package dev.parley.app;

import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// What concerns whoever operates a node, part of [ParleyConfig].
interface OperatingConfig {

  /// What is removed in the background.
  interface RetentionConfig {

    /// Between two rounds: how late goes what may go. A round that finds nothing asks three
    /// indexes.
    @WithDefault("10s")
    Duration interval();

    /// An index of frames that is larger is made again when it is nearly empty.
    @WithDefault("524288")
    long indexBytesMin();

    /// How long the rows of a deleted session stay. By then commits in doubt are settled and late
    /// acknowledgements have come, so longer than `parley.journal.timeout` and
    /// `parley.session.retry-pause-max` together.
    @WithDefault("10s")
    Duration deletedAge();

    /// How long what users spent on a day is kept after it. Limits ask for today only; five weeks
    /// let an operator look at any whole month before it goes.
    @WithDefault("35d")
    Duration userTokens();

    /// Ended turns, or deleted sessions, that one statement takes up.
    @WithDefault("100")
    int takenMax();

    /// Frames, or rows of one table, or users' days, that one statement removes: how long it takes,
    /// and what it writes at a time beside the commits.
    @WithDefault("5000")
    int rowsMax();

    /// Statements in one round, of each kind.
    @WithDefault("1000")
    int statementsMax();
  }

  /// The command that makes read tables again.
  interface RebuildConfig {

    /// Events of a session read at a time.
    @WithDefault("1000")
    int pageEventsMax();

    /// Their bytes.
    @WithDefault("4194304")
    int pageBytesMax();

    /// Sessions whose numbers are read at a time.
    @WithDefault("1000")
    int pageSessionsMax();
  }

  /// What happens between the word to stop and the end of the process (requirement N4).
  interface StopConfig {

    /// How long a node that is not ready any more goes on as before, so that whatever spreads the
    /// load notices.
    @WithDefault("0s")
    Duration pause();

    /// How long turns that run may go on to their ends, before they are interrupted and keep what
    /// they have said. Meanwhile no other starts, so with one node nobody is served.
    @WithDefault("0s")
    Duration turnsWait();

    /// How long clients may take to acknowledge the last they were sent, and connections to end.
    @WithDefault("3s")
    Duration deliveryWait();

    /// All of that together; then it goes on without waiting. What comes after takes some seconds.
    @WithDefault("20s")
    Duration limit();

    /// How long what comes after may take, the embedded database's end included, before the process
    /// is ended without it.
    @WithDefault("25s")
    Duration restLimit();

    /// When clients are told to come again, at the earliest.
    @WithDefault("1s")
    Duration retryAfterMin();

    /// And at the latest: they are spread between the two.
    @WithDefault("5s")
    Duration retryAfterMax();
  }

  /// This process among others.
  interface NodeConfig {

    /// How this process is named in its log, and to the database as the owner of sessions: letters,
    /// digits, dots, underscores and hyphens. Default: another name at every start.
    Optional<String> id();

    /// How long a start waits for a database that is just coming, and then for a predecessor that
    /// is just going, before it gives up.
    @WithDefault("5s")
    Duration startWait();

    /// Between two attempts to take the node's lock.
    @WithDefault("100ms")
    Duration lockRetryPause();
  }

  /// What Parley says of itself.
  interface LogConfig {

    /// The least level of Parley's own lines: `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`. The
    /// libraries' is `quarkus.log.level`: what those say in detail may quote clients.
    @WithDefault("INFO")
    String level();
  }

  /// When this node is not well.
  interface HealthConfig {

    /// How long an event loop may not run before the node counts as dead. A collection of garbage,
    /// or a machine that stands still, takes less.
    @WithDefault("30s")
    Duration loopSilenceMax();

    /// How long a session may wait for one answer of a store that answers everybody else. Longer
    /// than every limit and repetition of the store together.
    @WithDefault("90s")
    Duration stuckAfter();

    /// How long the database may take to answer a probe; shorter than the probe's own patience.
    @WithDefault("2s")
    Duration databaseWait();
  }
}
