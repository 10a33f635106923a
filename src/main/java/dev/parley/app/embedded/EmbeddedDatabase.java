package dev.parley.app.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/// A running PostgreSQL in a data directory, found running there or started.
///
/// Opening is idempotent across processes: whoever comes second adopts what the first one started.
/// [#close] stops the server if no other process uses it; calling it again does nothing. A process
/// that is killed simply leaves the server for the next one.
public final class EmbeddedDatabase implements AutoCloseable {
  /// The database the application uses; others may be created beside it.
  public static final String DATABASE = "parley";

  /// Lets the server take any free port.
  public static final int ANY_PORT = 0;

  private static final Logger LOG = Logger.getLogger(EmbeddedDatabase.class);

  /// A postmaster answers on its port from its first second on, if only to say that it recovers.
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  /// Replaying a full gigabyte of log takes well under this.
  private static final Duration READY_LIMIT = Duration.ofMinutes(2);

  /// Longer than the application drains; then its connections are cut.
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(30);

  /// Between looking for a free port and taking it somebody else may.
  private static final int PORT_ATTEMPTS_MAX = 3;

  private static final String CANNOT_CONNECT_NOW = "57P03";

  private final Path dataDir;
  private final Cluster cluster;
  private final ServerConnection connection;
  private final long pid;
  private final boolean adopted;
  private final DirectoryLock lock;
  private boolean closed;

  private EmbeddedDatabase(
      Path dataDir,
      Cluster cluster,
      ServerConnection connection,
      long pid,
      boolean adopted,
      DirectoryLock lock) {
    this.dataDir = dataDir;
    this.cluster = cluster;
    this.connection = connection;
    this.pid = pid;
    this.adopted = adopted;
    this.lock = lock;
  }

  /// Whether this build carries a PostgreSQL for this machine: a native image carries none.
  public static boolean isCarried() {
    return ServerBinaries.areCarried();
  }

  /// Opens the data directory with its own copy of the binaries, on any free port.
  public static EmbeddedDatabase open(Path dataDir) {
    return open(dataDir, dataDir, ANY_PORT);
  }

  /// Opens the data directory.
  ///
  /// @param binariesDir where PostgreSQL's programs are, or get, unpacked; may be shared
  /// @param port where a server that has to be started listens; a running one stays where it is
  /// @throws EmbeddedDatabaseException if there is no server and none can be started
  public static EmbeddedDatabase open(Path dataDir, Path binariesDir, int port) {
    Path dir = dataDir.toAbsolutePath().normalize();
    try {
      DirectoryLock lock = DirectoryLock.open(dir);
      try {
        FileLock turn = lock.awaitTurn();
        try {
          EmbeddedDatabase database = adoptOrStart(dir, binariesDir, port, lock);
          lock.use();
          return database;
        } finally {
          turn.release();
        }
      } catch (IOException | SQLException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException | SQLException e) {
      throw EmbeddedDatabaseException.io("Cannot use the PostgreSQL in " + dir, e);
    }
  }

  public String jdbcUrl() {
    return jdbcUrl(DATABASE);
  }

  public String jdbcUrl(String database) {
    return connection.jdbcUrl(database);
  }

  public String reactiveUrl() {
    return reactiveUrl(DATABASE);
  }

  public String reactiveUrl(String database) {
    return connection.reactiveUrl(database);
  }

  public String user() {
    return ServerConnection.USER;
  }

  public String password() {
    return connection.password();
  }

  /// The postmaster's process id.
  public long pid() {
    return pid;
  }

  public int port() {
    return connection.port();
  }

  public Path dataDir() {
    return dataDir;
  }

  /// True when the server ran already.
  public boolean adopted() {
    return adopted;
  }

  /// Creates another database on this server, unless it exists.
  public void createDatabase(String name) {
    try {
      connection.createDatabaseIfMissing(name);
    } catch (SQLException e) {
      throw EmbeddedDatabaseException.io("Cannot create the database " + name, e);
    }
  }

  /// Stops the server if this process is the last that uses it, once its clients have left.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      FileLock turn = lock.awaitTurn();
      try {
        if (lock.leaveAsLast() && ProcessHandle.of(pid).isPresent()) {
          awaitClientsGone();
          cluster.stop();
        }
      } finally {
        turn.release();
        lock.close();
      }
    } catch (IOException e) {
      throw EmbeddedDatabaseException.io("Cannot stop the PostgreSQL in " + dataDir, e);
    }
  }

  /// Lets go of the server as a process that is killed does.
  synchronized void abandon() throws IOException {
    closed = true;
    lock.close();
  }

  private static EmbeddedDatabase adoptOrStart(
      Path dataDir, Path binariesDir, int port, DirectoryLock lock)
      throws IOException, SQLException {
    Path dir = dataDir.resolve("postgres");
    ServerBinaries binaries = ServerBinaries.unpackedIn(binariesDir.toAbsolutePath().normalize());
    Cluster cluster = new Cluster(dir, binaries, ServerAccount.forCluster(dir));
    Path passwordFile = dataDir.resolve("postgres.password");
    String password = cluster.password(passwordFile);
    if (!cluster.exists()) {
      cluster.create(passwordFile);
    }
    Optional<PidFile> running = findRunning(dir, password);
    PidFile server = running.isPresent() ? running.get() : start(cluster, port);
    ServerConnection connection = new ServerConnection(server.port(), password);
    connection.createDatabaseIfMissing(DATABASE);
    return new EmbeddedDatabase(
        dataDir, cluster, connection, server.pid(), running.isPresent(), lock);
  }

  /// The server that runs on this cluster, after waiting until it is ready or has gone.
  private static Optional<PidFile> findRunning(Path cluster, String password) throws IOException {
    long begin = System.nanoTime();
    long lastAnswer = begin;
    while (true) {
      Optional<PidFile> file = PidFile.of(cluster);
      if (file.isEmpty()) {
        return Optional.empty();
      }
      if (!file.get().mayBeAlive()) {
        PidFile.disown(cluster);
        return Optional.empty();
      }
      String problem;
      try {
        String served = new ServerConnection(file.get().port(), password).dataDirectory();
        if (Path.of(served).toRealPath().equals(cluster.toRealPath())) {
          return file;
        }
        problem = "its port serves " + served;
      } catch (SQLException e) {
        problem = String.valueOf(e.getMessage());
        if (CANNOT_CONNECT_NOW.equals(e.getSQLState())) {
          lastAnswer = System.nanoTime();
        }
      }
      long now = System.nanoTime();
      if (now - lastAnswer > ANSWER_LIMIT.toNanos()) {
        LOG.infof("PostgreSQL's pid file in %s names another process (%s)", cluster, problem);
        PidFile.disown(cluster);
        return Optional.empty();
      }
      if (now - begin > READY_LIMIT.toNanos()) {
        throw EmbeddedDatabaseException.notReady(cluster, problem);
      }
      Pause.aMoment();
    }
  }

  private static PidFile start(Cluster cluster, int port) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        cluster.start(port == ANY_PORT ? freePort() : port);
        return PidFile.of(cluster.dir())
            .orElseThrow(
                () -> EmbeddedDatabaseException.notReady(cluster.dir(), "it left no pid file"));
      } catch (EmbeddedDatabaseException e) {
        if (port != ANY_PORT || attempt == PORT_ATTEMPTS_MAX) {
          throw e;
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitClientsGone() {
    long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
    try {
      while (connection.otherClients() > 0 && System.nanoTime() < deadline) {
        Pause.aMoment();
      }
    } catch (SQLException e) {
      LOG.debugf(e, "PostgreSQL in %s does not answer; stopping it", dataDir);
    }
  }
}
