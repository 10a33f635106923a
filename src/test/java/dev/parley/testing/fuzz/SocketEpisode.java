package dev.parley.testing.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Damaged messages over a WebSocket. Most connections stay in order below the protocol, and are
/// answered for everything that can be answered; some break off or break the rules.
final class SocketEpisode implements Episode {
  /// Less than a silent socket is given.
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final int LINES_MAX = 120;
  private static final int PIECE_BYTES_MAX = 900;
  private static final int MIB = 1024 * 1024;

  /// With which the server may close a connection that keeps to the rules of WebSockets: a policy,
  /// a message too large.
  private static final Set<Integer> CLOSES = Set.of(1008, 1009);

  private static final List<Wire.End> ENDS = List.of(Wire.End.values());

  /// @param path where the connection goes
  /// @param lines what is said there
  /// @param stream whether the end of a message means nothing
  record Talk(String path, List<String> lines, boolean stream) {}

  /// One message, or what is none: then without a payload.
  private static final class Said {
    final List<byte[]> frames;
    final byte[] payload;
    final boolean text;

    Said(List<byte[]> frames, byte[] payload, boolean text) {
      this.frames = frames;
      this.payload = payload;
      this.text = text;
    }
  }

  private final String path;
  private final Debts debts;
  private final Frames frames;
  private final List<Said> said = new ArrayList<>();

  /// Messages after which it breaks off; beyond the last: never.
  private final boolean violent;

  private final boolean deaf;
  private final Wire.End end;
  private int count;

  static Talk rpc(SplittableRandom random, Transcripts about) {
    return random.nextBoolean()
        ? new Talk("/ws?serialization=ndjson", about.version4(), true)
        : new Talk("/ws?serialization=ndjson&dialect=v4beta", about.version3(), true);
  }

  static Talk thread(Transcripts about) {
    return new Talk(
        "/api/chat/ws?create=1&threadId=thread-" + about.key(), about.threadFrames(), false);
  }

  SocketEpisode(SplittableRandom random, Talk talk, Debts debts) {
    this.path = talk.path();
    this.debts = debts;
    this.frames = new Frames(random);
    this.violent = random.nextInt(4) == 0;
    this.deaf = violent && random.nextInt(3) == 0;
    this.end = ENDS.get(random.nextInt(ENDS.size()));
    List<byte[]> lines = damaged(random, talk.lines());
    if (talk.stream()) {
      pieces(random, lines);
    } else {
      lines.forEach(line -> say(line, random.nextInt(8) > 0));
    }
    if (violent) {
      violate(random);
    }
  }

  private static List<byte[]> damaged(SplittableRandom random, List<String> transcript) {
    Mutations mutations = new Mutations(random);
    List<byte[]> lines = new ArrayList<>();
    int at = random.nextInt(transcript.size());
    for (int left = 10 + random.nextInt(LINES_MAX); left > 0; left--) {
      // On in the transcript, or somewhere else in it.
      at = random.nextInt(8) == 0 ? random.nextInt(transcript.size()) : at + 1;
      byte[] line = bytes(transcript.get(at % transcript.size()));
      byte[] other = bytes(transcript.get(random.nextInt(transcript.size())));
      lines.add(random.nextInt(3) == 0 ? line : mutations.damage(line, other));
    }
    if (random.nextInt(60) == 0) {
      lines.add(long_(random, 2 * MIB + random.nextInt(MIB)));
    } else if (random.nextInt(600) == 0) {
      lines.add(long_(random, 17 * MIB));
    }
    return lines;
  }

  private static byte[] long_(SplittableRandom random, int length) {
    byte[] line = new byte[length];
    Arrays.fill(line, (byte) 'x');
    byte[] begin =
        bytes(
            "{\"_tag\":\"Request\",\"id\":%d,\"tag\":\"chat.send\",\"payload\":{\"content\":\""
                .formatted(random.nextInt(1000)));
    System.arraycopy(begin, 0, line, 0, begin.length);
    return line;
  }

  /// Lines as a stream of bytes, in messages that do not care where lines end.
  private void pieces(SplittableRandom random, List<byte[]> lines) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      stream.writeBytes(line);
      stream.write('\n');
      if (random.nextInt(3) > 0 && stream.size() < MIB) {
        say(stream.toByteArray(), random.nextBoolean());
        stream.reset();
      } else {
        cut(random, stream);
      }
    }
    cut(random, stream);
  }

  private void cut(SplittableRandom random, ByteArrayOutputStream stream) {
    byte[] bytes = stream.toByteArray();
    stream.reset();
    int max = bytes.length > MIB ? 256 * 1024 : PIECE_BYTES_MAX;
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + 1 + random.nextInt(max));
      byte[] piece = Arrays.copyOfRange(bytes, from, to);
      // A character that is cut in two is no text.
      say(piece, random.nextInt(4) == 0);
      from = to;
    }
  }

  private void say(byte[] payload, boolean text) {
    List<byte[]> message = frames.message(text ? Frames.TEXT : Frames.BINARY, payload);
    said.add(new Said(message, payload, text));
    count += message.size();
  }

  /// Breaks the rules somewhere, or breaks off in the middle of a frame.
  private void violate(SplittableRandom random) {
    int at = random.nextInt(said.size() + 1);
    if (random.nextBoolean()) {
      said.add(at, new Said(List.of(frames.violation()), new byte[0], false));
      count++;
    } else if (at < said.size()) {
      byte[] last = said.get(at).frames.getLast();
      byte[] half = Arrays.copyOf(last, random.nextInt(last.length + 1));
      said.subList(at, said.size()).clear();
      said.add(new Said(List.of(half), new byte[0], false));
    }
  }

  @Override
  public int frames() {
    return count;
  }

  @Override
  public List<String> play(int port) throws IOException, InterruptedException {
    try (Wire wire = new Wire(port)) {
      wire.write(
          bytes(
              """
              GET %s HTTP/1.1\r
              Host: 127.0.0.1\r
              Upgrade: websocket\r
              Connection: Upgrade\r
              Sec-WebSocket-Version: 13\r
              Sec-WebSocket-Key: cGFybGV5IHRlc3QgY2xpZW50\r
              \r
              """
                  .formatted(path)));
      String head = wire.head();
      if (!head.startsWith("HTTP/1.1 101 ")) {
        return List.of("no WebSocket at " + path + ": " + head.lines().findFirst().orElse(""));
      }
      if (!deaf) {
        Thread.ofVirtual().start(() -> listen(wire));
      }
      List<String> wrong = violent ? rage(wire) : converse(wire);
      wire.end(end, frames.close(1000));
      return wrong;
    }
  }

  private void listen(Wire wire) {
    try {
      debts.closed(wire.messages(debts::heard));
    } catch (EOFException e) {
      debts.closed(1005);
    } catch (IOException e) {
      debts.closed(1006);
    }
  }

  private List<String> rage(Wire wire) {
    try {
      for (Said message : said) {
        for (byte[] frame : message.frames) {
          wire.write(frame);
        }
      }
    } catch (IOException e) {
      // the server has had enough
    }
    return List.of();
  }

  private List<String> converse(Wire wire) throws InterruptedException {
    try {
      for (Said message : said) {
        say(wire, message);
      }
      utter(wire, debts.lastWords());
      debts.awaitQuiet(LIMIT);
      utter(wire, debts.farewells());
    } catch (IOException e) {
      // closed by the server: why is judged below
    }
    List<String> open = debts.awaitEnd(LIMIT);
    if (debts.closedWith().isPresent()) {
      int code = debts.closedWith().getAsInt();
      return CLOSES.contains(code) ? List.of() : List.of("closed with " + code);
    }
    return open;
  }

  private void utter(Wire wire, List<String> lines) throws IOException {
    for (String line : lines) {
      byte[] payload = bytes(debts instanceof RpcDebts ? line + "\n" : line);
      say(wire, new Said(frames.message(Frames.TEXT, payload), payload, true));
    }
  }

  private void say(Wire wire, Said message) throws IOException {
    debts.sent(message.payload, message.text);
    for (byte[] frame : message.frames) {
      wire.write(frame);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return path;
  }
}
