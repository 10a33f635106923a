package dev.parley.testing.fuzz;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/// What one connection does from its beginning to its end. All its bytes follow from a seed and a
/// number.
interface Episode {
  /// A large odd number that has nothing to do with the random numbers' own step.
  long SPREAD = 0xD1B54A32D192ED03L;

  /// Ids of a connection's last words; damage does not get there from the others.
  long LAST_WORDS = 7_000_000_000_000L;

  /// Users and threads that the damaged calls are about: few, so that connections meet.
  int USERS = 8;

  int THREADS = 6;

  /// Plays it.
  ///
  /// @return what the server did wrong
  List<String> play(int port) throws IOException, InterruptedException;

  /// Frames, lines and requests that it sends.
  int frames();

  static Episode of(long seed, long number) {
    SplittableRandom random = new SplittableRandom(seed + number * SPREAD);
    Transcripts about =
        new Transcripts(
            "fuzz" + random.nextInt(USERS), "t" + random.nextInt(THREADS), random.nextInt(1000));
    Transcripts own = new Transcripts("last", "e" + number, LAST_WORDS + number * 100);
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5, 6 ->
          new SocketEpisode(random, SocketEpisode.rpc(random, about), new RpcDebts(own));
      case 7, 8, 9, 10, 11 ->
          new SocketEpisode(random, SocketEpisode.thread(about), new ThreadDebts(own));
      case 12, 13, 14 -> HttpEpisode.rpc(random, about, own);
      case 15, 16 -> HttpEpisode.post(random, about);
      case 17, 18 -> HttpEpisode.rest(random, about);
      default -> new GarbageEpisode(random, about);
    };
  }
}
