package dev.parley.testing.storm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// One storm: begins with an empty database, ends with everything at rest and judged.
public final class Storm {
  private static final int SESSIONS = 12;
  private static final int CLIENTS = 20;

  /// Longer than a client takes for what it is about to do.
  private static final Duration CLIENTS_END_MAX = Duration.ofSeconds(60);

  /// Whose PostgreSQL it is.
  public enum Database {
    /// The application's own: both are killed together, or only the application.
    EMBEDDED,
    /// One that lives by itself: it is killed alone too.
    EXTERNAL
  }

  private Storm() {}

  /// Rages for so long and judges what is left.
  ///
  /// @param dataDir empty; the caller removes it
  /// @param seed decides what clients and weather do, though not who is faster
  public static Figures rage(Path dataDir, Database database, Duration length, long seed)
      throws Exception {
    Random random = new Random(seed);
    try (Postgres postgres =
            switch (database) {
              case EMBEDDED -> new Postgres.Embedded(dataDir);
              case EXTERNAL -> new Postgres.External(dataDir);
            };
        Application application = new Application(dataDir, postgres);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      application.start();
      Traffic traffic = new Traffic();
      Scene scene = new Scene(application, traffic, "storm-" + Long.toString(seed, 36));
      for (int i = 0; i < SESSIONS; i++) {
        scene.addSession();
      }
      List<StormClient> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new StormClient("client" + i, scene, new Random(random.nextLong())));
      }
      Weather weather = new Weather(application, postgres, traffic, new Random(random.nextLong()));
      List<Future<?>> running = clients.stream().<Future<?>>map(threads::submit).toList();
      try {
        weather.rage(length);
      } finally {
        scene.end();
      }
      for (Future<?> client : running) {
        var _ = client.get(CLIENTS_END_MAX.toSeconds(), TimeUnit.SECONDS);
      }
      new Calm(scene, clients).settle();
      Figures judged = new Judge(scene, postgres, random).judge(weather.strikes());
      application.stop();
      return judged.with(application.defects());
    }
  }
}
