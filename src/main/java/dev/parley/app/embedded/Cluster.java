package dev.parley.app.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// PostgreSQL's own folder: made, configured, started and stopped with its own programs.
record Cluster(Path dir, ServerBinaries binaries, ServerAccount account) {
  private static final int LOG_TAIL_LINES = 20;
  private static final String READY_LIMIT_SECONDS = "120";

  /// Rewritten at every start, so that an upgrade reaches existing clusters. `ALTER SYSTEM` wins.
  private static final String SETTINGS =
      """
      # Written by Parley at every start: use ALTER SYSTEM to change a setting for good.
      # This machine only, and no socket file whose path could be too long.
      listen_addresses = '127.0.0.1'
      unix_socket_directories = ''

      # What a client has seen must be on disk.
      fsync = on
      synchronous_commit = on
      full_page_writes = on

      # One node's lanes, its pool, its lock and listener, a test's databases, and room for psql.
      max_connections = 100
      # The recent frames and the indexes of a development database; a laptop can spare it.
      shared_buffers = 128MB
      # Short statements over arrays look expensive to the planner and are not worth compiling.
      jit = off

      # A week of logs, each day's file overwritten a week later.
      logging_collector = on
      log_directory = 'log'
      log_filename = 'postgres-%u.log'
      log_rotation_age = 1d
      log_rotation_size = 0
      log_truncate_on_rotation = on
      timezone = 'UTC'
      log_timezone = 'UTC'
      """;

  boolean exists() {
    return Files.exists(dir.resolve("PG_VERSION"));
  }

  /// Makes the cluster beside its place and moves it there when it is whole.
  void create(Path passwordFile) throws IOException {
    Path work = dir.resolveSibling(dir.getFileName() + ".new");
    Trees.delete(work);
    Files.createDirectories(work);
    account.own(work);
    run(
        "initdb",
        "-D",
        work.toString(),
        "-U",
        ServerConnection.USER,
        "--pwfile=" + passwordFile,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C");
    Trees.delete(dir); // a folder without a cluster in it
    Files.move(work, dir);
  }

  void start(int port) throws IOException {
    Files.writeString(dir.resolve("postgresql.conf"), SETTINGS + "port = " + port + "\n");
    Files.deleteIfExists(startLog());
    account.own(dir);
    run(
        "pg_ctl",
        "-D",
        dir.toString(),
        "-w",
        "-t",
        READY_LIMIT_SECONDS,
        "-l",
        startLog().toString(),
        "start");
  }

  /// Fast: clients are disconnected, what is committed is written, recovery will have nothing to
  /// do.
  void stop() {
    run("pg_ctl", "-D", dir.toString(), "-w", "-t", "60", "-m", "fast", "stop");
  }

  /// The password of a data directory, made on first use and readable to its owner alone.
  String password(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] secret = new byte[24];
      new SecureRandom().nextBytes(secret);
      Path work = file.resolveSibling(file.getFileName() + ".new");
      Files.deleteIfExists(work);
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            work,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(work, HexFormat.of().formatHex(secret));
      Files.move(work, file);
    }
    account.own(file);
    return Files.readString(file).strip();
  }

  private Path startLog() {
    return dir.resolve("start.log");
  }

  private void run(String program, String... arguments) {
    Optional<Command> command =
        Command.run(account.commandLine(binaries.program(program), arguments));
    if (command.isEmpty()) {
      throw EmbeddedDatabaseException.commandFailed(program, "it cannot be run");
    }
    if (command.get().exitCode() != 0) {
      throw EmbeddedDatabaseException.commandFailed(
          program, command.get().output() + tail(startLog()) + tail(newestLog()));
    }
  }

  private Path newestLog() {
    try (Stream<Path> logs = Files.list(dir.resolve("log"))) {
      return logs.max((a, b) -> Long.compare(a.toFile().lastModified(), b.toFile().lastModified()))
          .orElse(dir);
    } catch (IOException e) {
      return dir;
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines =
          Files.isRegularFile(log)
              ? Files.readAllLines(log, StandardCharsets.UTF_8)
              : List.<String>of();
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
    } catch (IOException e) {
      return "";
    }
  }
}
