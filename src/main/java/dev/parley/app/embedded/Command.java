package dev.parley.app.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// One run of a short-lived program.
///
/// @param output what it wrote, its errors included
record Command(int exitCode, String output) {

  /// More than PostgreSQL's own limits (`-t`), so that its own message is the one that is seen.
  private static final long LIMIT_SECONDS = 180;

  /// Empty when there is no such program.
  static Optional<Command> run(List<String> line) {
    Process process;
    try {
      process = new ProcessBuilder(line).redirectErrorStream(true).start();
    } catch (IOException e) {
      return Optional.empty();
    }
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.of(new Command(-1, output + "no end after " + LIMIT_SECONDS + " s"));
      }
      return Optional.of(new Command(process.exitValue(), output));
    } catch (IOException e) {
      process.destroyForcibly();
      return Optional.of(new Command(-1, String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return Optional.of(new Command(-1, "interrupted"));
    }
  }

  static boolean works(List<String> line) {
    return run(line).filter(command -> command.exitCode() == 0).isPresent();
  }
}
