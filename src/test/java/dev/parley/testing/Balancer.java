package dev.parley.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/// A HAProxy with `deploy/haproxy.cfg`, as it is, in front of a server on this machine.
public final class Balancer implements AutoCloseable {
  private static final Path CONFIGURATION = Path.of("deploy", "haproxy.cfg");
  private static final Path LOGS = Path.of("target", "parley-logs");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Process process;
  private final Path log;
  private final int port;

  private Balancer(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /// Whether this machine has one.
  public static boolean isInstalled() {
    try {
      Process version =
          new ProcessBuilder("haproxy", "-v")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return version.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) && version.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Starts one on this port and waits until it listens.
  ///
  /// @param server where it finds the server
  public static Balancer start(int port, URI server) throws IOException {
    Files.createDirectories(LOGS);
    Path log =
        LOGS.resolve(
            "haproxy-%d-%03d.log"
                .formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet()));
    ProcessBuilder builder =
        new ProcessBuilder(List.of("haproxy", "-db", "-f", CONFIGURATION.toString()));
    builder.environment().keySet().removeIf(name -> name.startsWith("BALANCER_"));
    builder.environment().put("BALANCER_BIND", "127.0.0.1:" + port);
    builder.environment().put("BALANCER_SERVER", server.getHost() + ":" + server.getPort());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    Balancer balancer = new Balancer(builder.start(), log, port);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(LIMIT)
        .until(() -> !balancer.process.isAlive() || balancer.listens());
    if (!balancer.process.isAlive()) {
      throw new IllegalStateException("haproxy did not start:\n" + Files.readString(log));
    }
    return balancer;
  }

  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public URI wsUrl() {
    return URI.create("ws://127.0.0.1:" + port + "/ws");
  }

  /// Everything it has printed so far.
  public String output() throws IOException {
    return Files.readString(log);
  }

  /// SIGKILL: all connections break.
  public void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("haproxy did not end, see " + log);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
  }

  private boolean listens() {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
