package dev.parley.app.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which processes use a data directory, kept by the kernel, so that it is right after any death.
///
/// The first byte of the file is locked while somebody starts or stops the server, the second is
/// shared by those who use it.
final class DirectoryLock {
  private static final Duration TURN_LIMIT = Duration.ofMinutes(3);
  private static final long CHANGE = 0;
  private static final long USE = 1;

  /// File locks belong to the process: opening and closing the file twice in it would lose them.
  private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

  private final Path dataDir;
  private final FileChannel channel;
  private @Nullable FileLock use;

  private DirectoryLock(Path dataDir, FileChannel channel) {
    this.dataDir = dataDir;
    this.channel = channel;
  }

  static DirectoryLock open(Path dataDir) throws IOException {
    if (!OPEN.add(dataDir)) {
      throw EmbeddedDatabaseException.openTwice(dataDir);
    }
    try {
      Files.createDirectories(dataDir);
      return new DirectoryLock(
          dataDir,
          FileChannel.open(
              dataDir.resolve("postgres.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE));
    } catch (IOException e) {
      OPEN.remove(dataDir);
      throw e;
    }
  }

  /// Waits for this process's turn to start or stop the server; the caller releases it.
  FileLock awaitTurn() throws IOException {
    long deadline = System.nanoTime() + TURN_LIMIT.toNanos();
    FileLock turn = channel.tryLock(CHANGE, 1, false);
    while (turn == null) {
      if (System.nanoTime() > deadline) {
        throw EmbeddedDatabaseException.busy(dataDir);
      }
      Pause.aMoment();
      turn = channel.tryLock(CHANGE, 1, false);
    }
    return turn;
  }

  /// Counts this process among the users; call in turn.
  void use() throws IOException {
    use = channel.tryLock(USE, 1, true);
  }

  /// Stops being a user, and says whether nobody else is one; call in turn.
  boolean leaveAsLast() throws IOException {
    if (use != null) {
      use.release();
      use = null;
    }
    FileLock alone = channel.tryLock(USE, 1, false);
    if (alone == null) {
      return false;
    }
    alone.release();
    return true;
  }

  void close() throws IOException {
    OPEN.remove(dataDir);
    channel.close();
  }
}
