package dev.parley.testing.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One request over HTTP whose body or address is damaged, and whose form is not: it is answered,
/// and never by saying that Parley broke.
final class HttpEpisode implements Episode {
  private static final int LINES_MAX = 40;
  private static final String EVENTS = "text/event-stream";

  /// When the answer is enough.
  private interface Reading {
    boolean isEnough(String line);
  }

  private final String what;
  private final byte[] request;
  private final Reading reading;
  private final Supplier<List<String>> judge;

  /// A client that does not wait for the end of its answer ends the connection so; absent: it
  /// waits.
  private final Wire.@Nullable End early;

  private final int frames;

  private HttpEpisode(
      String what,
      byte[] request,
      Reading reading,
      Supplier<List<String>> judge,
      Wire.@Nullable End early,
      int frames) {
    this.what = what;
    this.request = request;
    this.reading = reading;
    this.judge = judge;
    this.early = early;
    this.frames = frames;
  }

  /// Calls over HTTP: all are answered but streams, which go on.
  static Episode rpc(SplittableRandom random, Transcripts about, Transcripts own) {
    Mutations mutations = new Mutations(random);
    List<String> transcript = random.nextBoolean() ? about.version4() : about.version3();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int lines = 1 + random.nextInt(LINES_MAX);
    for (int i = 0; i < lines; i++) {
      byte[] line = bytes(transcript.get(random.nextInt(transcript.size())));
      byte[] other = bytes(transcript.get(random.nextInt(transcript.size())));
      body.writeBytes(random.nextInt(3) == 0 ? line : mutations.damage(line, other));
      body.write('\n');
    }
    List<String> last = own.version4();
    last.forEach(line -> body.writeBytes(bytes(line + "\n")));
    RpcDebts debts = new RpcDebts(own);
    debts.sent(body.toByteArray(), false);
    return new HttpEpisode(
        "POST /api/rpc",
        post(
            random.nextBoolean() ? "/api/rpc" : "/api/rpc/",
            random.nextBoolean() ? "application/x-ndjson" : "application/ndjson",
            "*/*",
            body.toByteArray()),
        line -> {
          if (line.startsWith("{")) {
            debts.heard(line.strip());
          }
          return debts.isQuiet();
        },
        () -> debts.isQuiet() ? List.of() : debts.open(),
        maybeEarly(random),
        1 + lines + last.size());
  }

  /// What the AI SDK's transport posts: its stream comes to its end.
  static Episode post(SplittableRandom random, Transcripts about) {
    byte[] body = damaged(random, about.posts());
    Ending ending = new Ending("data: [DONE]");
    return new HttpEpisode(
        "POST /api/chat",
        post("/api/chat", "application/json", EVENTS, body),
        ending,
        ending::judge,
        maybeEarly(random),
        1);
  }

  /// The rest of HTTP.
  static Episode rest(SplittableRandom random, Transcripts about) {
    String session = "/api/sessions/" + about.key().replace(":", "%3A");
    Ending ending = new Ending("\"SessionStopped\"");
    if (random.nextInt(3) == 0) {
      byte[] body =
          damaged(random, List.of("{\"content\":\"/count 3 0\",\"clientMessageId\":\"h-1\"}"));
      return new HttpEpisode(
          "POST messages",
          post(session + "/messages", "application/json", EVENTS, body),
          ending,
          List::of,
          // Its end is not told when the session is deleted or the turn waits behind others.
          Wire.End.FIN,
          1);
    }
    List<String> addresses =
        List.of(
            session + "/messages?last=true&limit=20",
            session + "/messages?after=x&before=y",
            session + "/events?afterSeq=3&incarnation=x",
            "/api/effects?status=failed&limit=100",
            "/api/chat/" + about.key() + "/stream",
            "/q/health/ready");
    String address =
        new String(damaged(random, addresses), StandardCharsets.ISO_8859_1)
            .replaceAll("[^!-~]", "%25")
            .replaceFirst("^[^/]?", "/");
    return new HttpEpisode(
        "GET",
        bytes(
            "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept: */*\r\n\r\n"
                .formatted(address)),
        _ -> true,
        List::of,
        random.nextBoolean() ? Wire.End.FIN : Wire.End.RESET,
        1);
  }

  private static Wire.@Nullable End maybeEarly(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> Wire.End.FIN;
      case 1 -> Wire.End.RESET;
      default -> null;
    };
  }

  private static byte[] damaged(SplittableRandom random, List<String> all) {
    byte[] one = bytes(all.get(random.nextInt(all.size())));
    byte[] other = bytes(all.get(random.nextInt(all.size())));
    return random.nextInt(3) == 0 ? one : new Mutations(random).damage(one, other);
  }

  private static byte[] post(String path, String type, String accept, byte[] body) {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(
        bytes(
            """
            POST %s HTTP/1.1\r
            Host: 127.0.0.1\r
            Connection: close\r
            Content-Type: %s\r
            Accept: %s\r
            Content-Length: %d\r
            \r
            """
                .formatted(path, type, accept, body.length)));
    request.writeBytes(body);
    return request.toByteArray();
  }

  /// A stream of events, and the words of its end.
  private static final class Ending implements Reading {
    private final String words;
    private boolean come;

    Ending(String words) {
      this.words = words;
    }

    @Override
    public boolean isEnough(String line) {
      come |= line.contains(words);
      return come;
    }

    List<String> judge() {
      return come ? List.of() : List.of("the stream ended without " + words);
    }
  }

  @Override
  public int frames() {
    return frames;
  }

  @Override
  public List<String> play(int port) throws IOException {
    try (Wire wire = new Wire(port)) {
      wire.write(request);
      if (early != null && !what.equals("GET")) {
        wire.end(early, new byte[0]);
        return List.of();
      }
      String head = wire.head();
      String status = head.split(" ", 3)[1];
      if (status.startsWith("5")) {
        return List.of(what + " was answered with " + status);
      }
      if (!status.equals("200") || early != null) {
        return List.of();
      }
      try {
        wire.lines(reading::isEnough);
      } catch (SocketTimeoutException e) {
        List<String> wrong = new ArrayList<>(judge.get());
        wrong.addFirst(what + " was not answered in time");
        return wrong;
      }
      return judge.get().stream().map(wrong -> what + ": " + wrong).toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return what;
  }
}
