package dev.parley.bench;

import dev.parley.testing.fuzz.Fuzz;
import java.nio.file.Files;
import java.nio.file.Path;

/// Many damaged frames against a server of its own. What was wrong names the seed and the episode
/// that show it again.
public final class FuzzFrames {
  private static final long FRAMES = 1_000_000;

  private FuzzFrames() {}

  /// Arguments: frames, seed. Exits with 1 when something was wrong.
  public static void main(String[] args) throws Exception {
    long frames = args.length > 0 ? Long.parseLong(args[0]) : FRAMES;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.currentTimeMillis();
    Path dataDir = Files.createTempDirectory("parley-fuzz");
    System.out.println("seed " + seed + ", data in " + dataDir);
    Fuzz.Outcome outcome = Fuzz.run(dataDir, frames, seed);
    System.out.println(outcome);
    if (!outcome.wrong().isEmpty()) {
      System.exit(1);
    }
  }
}
