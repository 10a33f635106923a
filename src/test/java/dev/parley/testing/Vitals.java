package dev.parley.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a running server on this machine holds on to, seen from outside: its gauges, its heap, and
/// what Linux knows of its sockets and descriptors.
public final class Vitals {
  private static final int READ_LIMIT_MS = 30_000;

  /// Columns and states of `/proc/net/tcp`.
  private static final int LOCAL = 1;

  private static final int STATE = 3;
  private static final int INODE = 9;
  private static final String LISTENING = "0A";
  private static final String NO_INODE = "0";

  /// Number, instances, bytes, class.
  private static final Pattern HISTOGRAM_ROW = Pattern.compile(" *\\d+: +\\d+ +(\\d+) +(.*)");

  private final long pid;
  private final int port;

  /// @param pid the server's process
  /// @param port where it serves HTTP on loopback
  public Vitals(long pid, int port) {
    this.pid = pid;
    this.port = port;
  }

  /// One line of `/proc/net/tcp`.
  private record Tcp(int localPort, String state, String inode) {}

  /// The sum of all series of a metric; 0 when there is none.
  public double metric(String name) throws IOException {
    return metrics(name)[0];
  }

  /// As [#metric], of one moment.
  public double[] metrics(String... names) throws IOException {
    double[] sums = new double[names.length];
    scrape()
        .lines()
        .forEach(line -> {
          for (int i = 0; i < names.length; i++) {
            if (line.startsWith(names[i] + " ") || line.startsWith(names[i] + "{")) {
              sums[i] += Double.parseDouble(line.substring(line.lastIndexOf(' ')));
            }
          }
        });
    return sums;
  }

  /// The lines of a metric, one for each series.
  public List<String> series(String name) throws IOException {
    return scrape().lines().filter(line -> line.startsWith(name + "{")).toList();
  }

  /// Bytes of all objects that are alive: what a collection leaves, without the gaps that the
  /// collector fills and without what asking itself makes.
  public long heapBytes() throws IOException, InterruptedException {
    Process histogram =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    long bytes = 0;
    try (BufferedReader lines = histogram.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher row = HISTOGRAM_ROW.matcher(line);
        if (row.matches() && !row.group(2).contains("jdk.internal.vm.Filler")) {
          bytes += Long.parseLong(row.group(1));
        }
      }
    }
    if (histogram.waitFor() != 0 || bytes == 0) {
      throw new IOException("jcmd ended with " + histogram.exitValue());
    }
    return bytes;
  }

  /// Connections of clients that the server has not closed.
  public int connections() throws IOException {
    Set<String> open = openInodes();
    return (int)
        tcp().stream()
            .filter(row -> row.localPort() == port && !row.state().equals(LISTENING))
            .filter(row -> open.contains(row.inode()))
            .count();
  }

  /// Open descriptors, but for connections that the server itself has made: to its database it has
  /// as many as it likes.
  public int descriptors() throws IOException {
    Set<String> outgoing = new HashSet<>();
    for (Tcp row : tcp()) {
      if (row.localPort() != port && !row.state().equals(LISTENING)) {
        outgoing.add("socket:[" + row.inode() + "]");
      }
    }
    return (int) descriptorTargets().stream().filter(target -> !outgoing.contains(target)).count();
  }

  private Set<String> openInodes() throws IOException {
    Set<String> inodes = new HashSet<>();
    for (String target : descriptorTargets()) {
      if (target.startsWith("socket:[")) {
        inodes.add(target.substring("socket:[".length(), target.length() - 1));
      }
    }
    return inodes;
  }

  private List<String> descriptorTargets() throws IOException {
    List<String> targets = new ArrayList<>();
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path descriptor : descriptors) {
        try {
          targets.add(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException e) {
          // closed since it was listed
        }
      }
    }
    return targets;
  }

  private List<Tcp> tcp() throws IOException {
    List<Tcp> rows = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      Path path = Path.of("/proc", Long.toString(pid), "net", table);
      Files.readAllLines(path).stream()
          .skip(1)
          .map(line -> line.strip().split("\\s+"))
          .filter(columns -> !columns[INODE].equals(NO_INODE))
          .map(columns ->
              new Tcp(
                  Integer.parseInt(columns[LOCAL].substring(columns[LOCAL].indexOf(':') + 1), 16),
                  columns[STATE],
                  columns[INODE]))
          .forEach(rows::add);
    }
    return rows;
  }

  /// Over a connection that is closed afterwards, so that it counts nowhere.
  private String scrape() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(READ_LIMIT_MS);
      socket
          .getOutputStream()
          .write("GET /q/metrics HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
