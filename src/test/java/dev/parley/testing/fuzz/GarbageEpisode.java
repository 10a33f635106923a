package dev.parley.testing.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// A connection on which not even HTTP is in order: damaged upgrades and requests, half of them, or
/// nothing at all. Nothing is expected of the server but that it survives.
final class GarbageEpisode implements Episode {
  private static final int REQUESTS_MAX = 4;

  private final List<byte[]> requests = new ArrayList<>();
  private final Wire.End end;
  private final boolean hears;

  GarbageEpisode(SplittableRandom random, Transcripts about) {
    Mutations mutations = new Mutations(random);
    byte[] upgrade =
        bytes(
            """
            GET /ws HTTP/1.1\r
            Host: x\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: cGFybGV5IHRlc3QgY2xpZW50\r
            \r
            """);
    String body = about.posts().getFirst();
    byte[] post =
        bytes(
            """
            POST /api/chat HTTP/1.1\r
            Host: x\r
            Content-Type: application/json\r
            Content-Length: %d\r
            \r
            %s\
            """
                .formatted(body.length(), body));
    for (int left = random.nextInt(REQUESTS_MAX + 1); left > 0; left--) {
      byte[] request = random.nextBoolean() ? upgrade : post;
      requests.add(
          switch (random.nextInt(3)) {
            case 0 -> Arrays.copyOf(request, random.nextInt(request.length));
            case 1 -> mutations.damage(request, upgrade);
            default -> mutations.damage(upgrade, request);
          });
    }
    end = random.nextBoolean() ? Wire.End.FIN : Wire.End.RESET;
    hears = random.nextInt(4) == 0;
  }

  @Override
  public int frames() {
    return requests.size();
  }

  @Override
  public List<String> play(int port) throws IOException {
    try (Wire wire = new Wire(port)) {
      for (byte[] request : requests) {
        wire.write(request);
      }
      if (hears && !requests.isEmpty()) {
        wire.firstByte();
      }
      wire.end(end, new byte[0]);
    } catch (IOException e) {
      // the server has had enough
    }
    return List.of();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "garbage";
  }
}
