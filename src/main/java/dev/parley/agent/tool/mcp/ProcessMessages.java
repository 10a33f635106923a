package dev.parley.agent.tool.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The standard input and output of a process, a message on each line. What it writes to its
/// standard error is nobody's. Two platform threads each: reading from a process would hold a
/// carrier of virtual ones.
///
/// Source: modelcontextprotocol.io, Transports, 2025-11-25.
final class ProcessMessages extends MessageTransport {
  /// Messages that the process has not read yet. One that reads none is as good as gone.
  private static final int UNREAD_MAX = 256;

  private static final Duration END_MAX = Duration.ofSeconds(1);

  /// What programs need of a node's environment, whose other variables may be secrets.
  private static final Set<String> INHERITED =
      Set.of(
          "HOME",
          "LANG",
          "LC_ALL",
          "LOGNAME",
          "PATH",
          "SHELL",
          "TERM",
          "TMPDIR",
          "TZ",
          "USER",
          "APPDATA",
          "COMSPEC",
          "HOMEDRIVE",
          "HOMEPATH",
          "LOCALAPPDATA",
          "PATHEXT",
          "PROCESSOR_ARCHITECTURE",
          "SYSTEMDRIVE",
          "SYSTEMROOT",
          "TEMP",
          "TMP",
          "USERNAME",
          "USERPROFILE");

  private final Process process;
  private final BlockingQueue<String> unread = new ArrayBlockingQueue<>(UNREAD_MAX);
  private final Thread writer;

  /// Starts it.
  ///
  /// @throws McpFailure there is no such program
  ProcessMessages(
      List<String> command,
      Map<String, String> environment,
      McpPeer.Settings settings,
      Runnable changed) {
    super(settings, changed);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.DISCARD);
    boolean _ =
        builder
            .environment()
            .keySet()
            .removeIf(name -> !INHERITED.contains(name.toUpperCase(Locale.ROOT)));
    builder.environment().putAll(environment);
    try {
      this.process = builder.start();
    } catch (IOException e) {
      throw McpFailure.unreachable();
    }
    this.writer = thread("writer", this::write);
    Thread reader = thread("reader", this::read);
    writer.start();
    reader.start();
  }

  private Thread thread(String what, Runnable work) {
    return Thread.ofPlatform()
        .daemon()
        .name("mcp-" + settings().name() + "-" + what)
        .unstarted(work);
  }

  private void read() {
    McpFailure why = McpFailure.lost();
    try {
      BoundedLines lines = new BoundedLines(process.getInputStream(), settings().messageBytesMax());
      for (String line = lines.next(); line != null; line = lines.next()) {
        // some programs greet before they speak
        if (line.startsWith("{") || line.startsWith("[")) {
          receive(line);
        }
      }
    } catch (McpFailure e) {
      why = e;
    } catch (IOException e) {
      // it has ended
    } finally {
      lose(why);
      process.destroy();
    }
  }

  private void write() {
    try (OutputStream out = process.getOutputStream()) {
      while (true) {
        out.write((unread.take() + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } catch (IOException | InterruptedException e) {
      // it has ended, which whoever reads from it notices
    }
  }

  @Override
  void ask(JsonNode request, CompletableFuture<JsonNode> answer) {
    if (!process.isAlive()) {
      boolean _ = answer.completeExceptionally(McpFailure.lost());
    } else if (!unread.offer(request.toString())) {
      boolean _ = answer.completeExceptionally(McpFailure.deaf());
    }
  }

  @Override
  CompletableFuture<?> tell(JsonNode message) {
    boolean _ = unread.offer(message.toString());
    return CompletableFuture.completedFuture(null);
  }

  /// Ends the process and those it has started, with force if need be. Blocks at most a while.
  @Override
  public void close() {
    List<ProcessHandle> started =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    started.forEach(ProcessHandle::destroy);
    try {
      boolean _ = process.waitFor(END_MAX.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    started.forEach(ProcessHandle::destroyForcibly);
    writer.interrupt();
    lose(McpFailure.lost());
  }
}
