package dev.parley.app;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Every setting of Parley, with its default and its reason. All are read at start.
@ConfigMapping(prefix = "parley")
public interface ParleyConfig {

  /// Where the embedded PostgreSQL keeps its data; used only when no database is configured.
  @WithDefault(".parley")
  String dataDir();

  DatabaseConfig database();

  JournalConfig journal();

  SessionConfig session();

  MessageConfig message();

  TurnConfig turn();

  AgentsConfig.AgentConfig agent();

  /// What concerns one agent, by the agent id of session keys: `parley.agents.demo.…`.
  Map<String, AgentsConfig.HostedAgentConfig> agents();

  AgentsConfig.ModelsConfig models();

  AgentsConfig.AnyToolConfig tool();

  /// What concerns one tool, by its name; all tools of an MCP server as `"<server>.*"`.
  Map<String, AgentsConfig.ToolConfig> tools();

  /// MCP servers, whose tools agents may use, by a name of letters, digits and `-`.
  Map<String, AgentsConfig.McpConfig> mcp();

  FramesConfig frames();

  EffectsConfig effects();

  OperatingConfig.RetentionConfig retention();

  OperatingConfig.RebuildConfig rebuild();

  HistoryConfig history();

  TurnListConfig turnList();

  SessionListConfig sessionList();

  EffectListConfig effectList();

  WatchConfig watch();

  WireConfig.JsonConfig json();

  WireConfig.SocketConfig socket();

  WireConfig.RpcConfig rpc();

  WireConfig.ChatConfig chat();

  WireConfig.ThreadConfig thread();

  OperatingConfig.NodeConfig node();

  OperatingConfig.StopConfig stop();

  AccessConfig.AuthConfig auth();

  AccessConfig.UserConfig user();

  OperatingConfig.LogConfig log();

  OperatingConfig.HealthConfig health();

  /// How the database is used.
  interface DatabaseConfig {

    /// A reactive URL that reaches the server itself, for what a transaction pooler does not keep:
    /// the node's lock. Default: the reactive URL of the data source.
    Optional<String> directUrl();

    /// How long one read may take, the wait for a connection included. Beyond, the store counts as
    /// away.
    @WithDefault("5s")
    Duration timeout();

    /// Runs on a server that may lose what it has confirmed (`fsync`, `synchronous_commit` or
    /// `full_page_writes` off). For throw-away data only: durable before visible is no longer true.
    @WithDefault("false")
    boolean allowUnsafe();
  }

  /// The group commit.
  interface JournalConfig {

    /// Sessions in one commit. More make larger commits and let each of them wait longer.
    @WithDefault("256")
    int batchSessionsMax();

    /// Bytes of frames in one commit, so that one batch of large answers does not hold up the rest.
    @WithDefault("4194304")
    int batchBytesMax();

    /// How long one commit may take before its outcome counts as unknown.
    @WithDefault("5s")
    Duration timeout();

    /// How often a commit that lost a race in the server is tried again.
    @WithDefault("3")
    int retriesMax();
  }

  /// One session.
  interface SessionConfig {

    /// Sessions that may be active on this node at once; each holds its state in memory.
    @WithDefault("10000")
    int activeMax();

    /// Commands that may wait at one session while it commits.
    @WithDefault("64")
    int mailboxMax();

    /// Places beside them for interrupts and deletions: stopping must work when much is waiting.
    @WithDefault("8")
    int mailboxReserved();

    /// Messages that may wait for their turn.
    @WithDefault("32")
    int queueMax();

    /// Their bytes together: every state that is shown holds the queue.
    @WithDefault("4194304")
    int queueBytesMax();

    /// A snapshot is written with each turn's end and at least every so many events: what a load
    /// has to read beside it.
    @WithDefault("200")
    int snapshotEvents();

    /// How long a session without work stays in memory.
    @WithDefault("60s")
    Duration idleTimeout();

    /// Unfinished sessions that are taken up together after a start.
    @WithDefault("256")
    int recoveryPage();

    /// Between two looks for unfinished sessions that nobody works on: what a failed activation
    /// left.
    @WithDefault("30s")
    Duration recoveryInterval();

    /// First pause before a session asks a lost store again; doubled each time.
    @WithDefault("100ms")
    Duration retryPauseMin();

    /// The longest such pause: how late a session notices that the store is back.
    @WithDefault("2s")
    Duration retryPauseMax();
  }

  /// One message of a user.
  interface MessageConfig {

    /// Bytes of one message in UTF-8, its parts included.
    @WithDefault("1048576")
    int contentBytesMax();
  }

  /// One turn.
  interface TurnConfig {

    /// Bytes that one answer may have; past it the turn ends with `finish: length`.
    @WithDefault("4194304")
    long outputBytesMax();

    /// Events between an agent and its session. A full buffer makes the agent wait.
    @WithDefault("256")
    int bufferMax();
  }

  /// Frames.
  interface FramesConfig {

    /// Bytes of the text of one frame: larger deltas are split.
    @WithDefault("65536")
    int bytesMax();

    /// Adjacent deltas that wait together become one, in the store and on the way to a client, up
    /// to so many bytes of text; 0: each stays as the agent said it.
    @WithDefault("65536")
    int joinedBytesMax();

    /// How long the frames of a turn are kept once it has ended: so long a client may be away and
    /// still go on at the exact token. Afterwards it reads history.
    @WithDefault("24h")
    Duration retention();
  }

  /// Delivery, and discrete effects.
  interface EffectsConfig {

    /// Between two sweeps for what no wake told of, and for what is to be tried again: the safety
    /// net, not the path.
    @WithDefault("500ms")
    Duration pollInterval();

    /// Watched sessions, and sessions with unfinished effects, that one sweep looks at; the next
    /// goes on with the others.
    @WithDefault("1000")
    int sweepSessionsMax();

    /// Sessions remembered to have an effect that waits for its turn; those beyond are found by the
    /// sweep.
    @WithDefault("10000")
    int readySessionsMax();

    /// Effects executed at once, and connections to one server.
    @WithDefault("32")
    int concurrencyMax();

    /// How long an attempt may take, its record included. What a crash left is taken up when it is
    /// over.
    @WithDefault("30s")
    Duration lease();

    /// Attempts at one effect before it is given up.
    @WithDefault("20")
    int maxAttempts();

    /// The first pause between two attempts; doubled each time, and up to half of it left to
    /// chance.
    @WithDefault("1s")
    Duration retryPauseMin();

    /// The longest such pause.
    @WithDefault("1h")
    Duration retryPauseMax();

    /// How long after its commit an effect may be tried.
    @WithDefault("24h")
    Duration expireAfter();

    /// How long completed effects are kept for operators to see. Failed ones are kept.
    @WithDefault("7d")
    Duration retention();

    /// Between two looks for effects that have expired or were completed long ago.
    @WithDefault("60s")
    Duration upkeepInterval();

    /// Effects in one statement of that.
    @WithDefault("1000")
    int upkeepBatch();

    /// How long a stop lets attempts go on before it gives their effects back.
    @WithDefault("2s")
    Duration stopWait();

    /// Newest frames of a watched session kept in memory, shared by all its subscribers.
    @WithDefault("512")
    int ringFramesMax();

    /// Their bytes.
    @WithDefault("524288")
    int ringBytesMax();

    /// Reads for subscriptions that go on at once, whoever waits: fewer than the pool has
    /// connections, so that whatever else is asked finds one. Sessions take turns.
    @WithDefault("8")
    int readsMax();

    /// How long a subscription waits for its turn to read before it is refused; shorter than
    /// `quarkus.http.idle-timeout`, which would cut what has said nothing yet.
    @WithDefault("20s")
    Duration readsWait();

    /// Frames read at a time for a client that is behind.
    @WithDefault("1024")
    int pageFramesMax();

    /// Their bytes.
    @WithDefault("262144")
    int pageBytesMax();

    /// Between two reports of how far clients have acknowledged.
    @WithDefault("250ms")
    Duration ledgerInterval();

    /// Between two looks at how many effects wait, for the metrics: the same for however many read
    /// them. Whether the database is up is told by it too.
    @WithDefault("5s")
    Duration backlogInterval();

    /// Effects that are counted for it.
    @WithDefault("10000")
    int backlogCountMax();
  }

  /// One page of whatever is listed.
  interface PageConfig {

    /// Items of a page when the client does not say.
    @WithDefault("50")
    int limitDefault();

    /// Items that a client may ask for: what one answer holds in memory.
    @WithDefault("500")
    int limitMax();
  }

  /// Pages of a session's messages.
  interface HistoryConfig extends PageConfig {

    /// Bytes of one page, as messages are stored: five hundred messages may have a gigabyte. A
    /// message that is larger comes alone.
    @WithDefault("4194304")
    int pageBytesMax();
  }

  /// Pages of a session's turns.
  interface TurnListConfig extends PageConfig {}

  /// Pages of a user's sessions.
  interface SessionListConfig extends PageConfig {}

  /// Pages of discrete effects, for operators.
  interface EffectListConfig extends PageConfig {}

  /// Watching a user's sessions.
  interface WatchConfig {

    /// Sessions that a watch begins with, the newest; those before them are listed in pages.
    @WithDefault("100")
    int listedMax();

    /// Changed sessions that may wait for a client's acknowledgement; beyond, it is told the list
    /// again. What a watch keeps in memory are their keys.
    @WithDefault("256")
    int untoldMax();

    /// Between two sweeps: how soon a watch hears that the store is away.
    @WithDefault("500ms")
    Duration pollInterval();

    /// Watched users that one sweep looks at; the next goes on with the others.
    @WithDefault("1000")
    int sweepUsersMax();
  }
}
