package dev.parley.app.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What `postmaster.pid` says about the server that runs, or once ran, on a cluster.
record PidFile(long pid, int port) {
  private static final int PID_LINE = 0;
  private static final int PORT_LINE = 3;

  /// Above every system's highest process id, so never alive.
  private static final String PID_OF_NOBODY = "1999999999";

  /// Empty when there is no file, or one that a dying server left half written.
  static Optional<PidFile> of(Path cluster) {
    try {
      List<String> lines = Files.readAllLines(path(cluster));
      return lines.size() > PORT_LINE
          ? Optional.of(
              new PidFile(
                  Long.parseLong(lines.get(PID_LINE).strip()),
                  Integer.parseInt(lines.get(PORT_LINE).strip())))
          : Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// Takes a process id that has gone to another program out of the file, and nothing else: the
  /// shared memory it names still tells PostgreSQL whether a part of the old server is alive.
  static void disown(Path cluster) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(path(cluster)));
    lines.set(PID_LINE, PID_OF_NOBODY);
    Files.write(path(cluster), lines);
  }

  /// True while a process with this id lives that is, or hides whether it is, a PostgreSQL.
  boolean mayBeAlive() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(process ->
            process
                .info()
                .command()
                .map(command -> Path.of(command).getFileName().toString())
                .map(name -> name.startsWith("postgres"))
                .orElse(true))
        .isPresent();
  }

  static Path path(Path cluster) {
    return cluster.resolve("postmaster.pid");
  }
}
