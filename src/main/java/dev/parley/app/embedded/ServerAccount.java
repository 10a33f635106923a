package dev.parley.app.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// As whom PostgreSQL's programs run: it refuses to run as root.
///
/// Root runs them in a user namespace, where they see themselves as nobody while the files stay
/// root's. Where namespaces are forbidden (many containers), they run as the real user nobody, who
/// is given the cluster; a cluster that somebody else owns already is run as that user.
///
/// @param prefix what comes before a program on its command line
/// @param owner the user id that must own the cluster, or -1 to leave it as it is
record ServerAccount(List<String> prefix, int owner) {
  private static final int NOBODY = 65534;

  static ServerAccount forCluster(Path cluster) {
    if (!isRoot()) {
      return new ServerAccount(List.of(), -1);
    }
    int owner = ownerOf(cluster);
    if (owner == 0 && Command.works(List.of("unshare", "-U", "true"))) {
      return new ServerAccount(List.of("unshare", "-U"), -1);
    }
    int user = owner == 0 ? NOBODY : owner;
    List<String> prefix =
        List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups");
    List<String> probe = new ArrayList<>(prefix);
    probe.add("true");
    if (Command.works(probe)) {
      return new ServerAccount(prefix, user);
    }
    throw EmbeddedDatabaseException.noAccount();
  }

  void own(Path path) throws IOException {
    if (owner >= 0 && ownerOf(path) != owner) {
      Trees.own(path, owner);
    }
  }

  List<String> commandLine(String program, String... arguments) {
    List<String> line = new ArrayList<>(prefix);
    line.add(program);
    line.addAll(List.of(arguments));
    return line;
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"))
        || Command.run(List.of("id", "-u"))
            .filter(id -> id.exitCode() == 0 && id.output().strip().equals("0"))
            .isPresent();
  }

  /// A cluster that is not there yet will be the current user's: root's.
  private static int ownerOf(Path path) {
    try {
      return Files.exists(path)
          ? (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS)
          : 0;
    } catch (IOException e) {
      throw EmbeddedDatabaseException.io("Cannot read the owner of " + path, e);
    }
  }
}
