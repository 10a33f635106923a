package dev.parley.app.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// PostgreSQL's programs, unpacked from the class path once into a folder named after their digest.
record ServerBinaries(Path home) {

  static boolean areCarried() {
    return ServerBinaries.class.getResource("/" + archiveName()) != null;
  }

  static ServerBinaries unpackedIn(Path parent) {
    String archive = archiveName();
    try {
      Path home = parent.resolve("pg-" + digest(archive));
      if (!Files.isDirectory(home)) {
        Files.createDirectories(parent);
        Path work = Files.createTempDirectory(parent, "unpack-");
        readableByAll(work);
        unpack(archive, work);
        moveOrKeepTheOther(work, home);
      }
      return new ServerBinaries(home.toAbsolutePath());
    } catch (IOException e) {
      throw EmbeddedDatabaseException.io("Cannot unpack PostgreSQL into " + parent, e);
    }
  }

  String program(String name) {
    return home.resolve("bin").resolve(name).toString();
  }

  private static String archiveName() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "darwin" : os.contains("windows") ? "windows" : "linux";
    String arch = System.getProperty("os.arch", "");
    return "postgres-" + system + "-" + (arch.equals("aarch64") ? "arm_64" : "x86_64") + ".txz";
  }

  private static InputStream open(String archive) {
    InputStream in = ServerBinaries.class.getResourceAsStream("/" + archive);
    if (in == null) {
      throw EmbeddedDatabaseException.noBinaries(archive);
    }
    return in;
  }

  private static String digest(String archive) throws IOException {
    try (InputStream in = open(archive)) {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        sha.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(sha.digest(), 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void unpack(String archive, Path into) throws IOException {
    try (InputStream in = open(archive);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(in)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = into.resolve(entry.getName()).normalize();
        if (!target.startsWith(into)) {
          throw new IOException(entry.getName() + " points out of the archive");
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
          } else {
            Files.copy(tar, target);
            if ((entry.getMode() & 0100) != 0) {
              target.toFile().setExecutable(true, false);
            }
          }
        }
      }
    }
  }

  /// The server may run as somebody else than the one who unpacked.
  private static void readableByAll(Path dir) throws IOException {
    if (dir.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Set<PosixFilePermission> all =
          EnumSet.complementOf(
              EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE));
      Files.setPosixFilePermissions(dir, all);
    }
  }

  private static void moveOrKeepTheOther(Path work, Path home) throws IOException {
    try {
      Files.move(work, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      Trees.delete(work); // another process was faster: the same files are there
    }
  }
}
