package dev.parley.bench.suite;

import dev.parley.bench.BenchClient;
import dev.parley.bench.Server;
import dev.parley.bench.suite.Figures.Cell;
import dev.parley.testing.ProviderStandIn;
import dev.parley.testing.ProviderStandIn.Asked;
import dev.parley.testing.ProviderStandIn.Script;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Turns that a model answers, beside as many of the demo agent, and how soon an interrupt has
/// reached the provider. The provider is a stand-in in the process of the load generator that
/// speaks as OpenAI does, and writes the time at which it said a word into the word.
final class ModelTurns implements Scenario {
  private static final String AGENT = "openai";
  private static final int SESSIONS = 100;
  private static final int RATE = 50;
  private static final int WARM_SECONDS = 40;
  private static final int PER_SECOND = 20;
  private static final double MEGABYTE = 1 << 20;

  private static final Pattern STAMP = Pattern.compile("/stamp (\\d+) (\\d+)");

  /// Names a question, so that what became of it at the provider can be told.
  private static final Pattern QUESTION = Pattern.compile("question-(\\d+)-(held|told)");

  private final int seconds;
  private final int interrupts;

  /// What the provider is asked in this run, by the question's number, once it is.
  private final Map<Integer, CompletableFuture<Asked>> questions = new ConcurrentHashMap<>();

  /// @param seconds of streaming that are counted
  /// @param interrupts that are counted, half of them before the provider's first word
  ModelTurns(int seconds, int interrupts) {
    this.seconds = seconds;
    this.interrupts = interrupts;
  }

  @Override
  public String name() {
    return "models";
  }

  @Override
  public String title() {
    return "Turns of a model";
  }

  @Override
  public Figures run(List<String> jvm) throws Exception {
    List<List<Cell>> rows = new ArrayList<>();
    List<Figures.Bar> bars = new ArrayList<>();
    Histogram told = new Histogram(3);
    Histogram held = new Histogram(3);
    questions.clear();
    try (ProviderStandIn provider = new ProviderStandIn();
        Subject subject =
            Subject.parley(
                jvm,
                Map.of(
                    "OPENAI_API_KEY",
                    "none",
                    "PARLEY_AGENTS_OPENAI_BASE_URL",
                    provider.url() + "/v1"))) {
      provider.behave(this::answer);
      for (String agent : List.of("demo", AGENT)) {
        // The code must be compiled before it is measured.
        TokenLoad.Paced _ =
            TokenLoad.paced(subject, "warm" + agent, agent, SESSIONS, RATE, WARM_SECONDS);
      }
      for (String agent : List.of("demo", AGENT)) {
        TokenLoad.Paced paced =
            TokenLoad.paced(subject, "load" + agent, agent, SESSIONS, RATE, seconds);
        String name = agent.equals(AGENT) ? "a model" : "the demo agent";
        rows.add(row(name, paced, subject));
        bars.add(new Figures.Bar(name + ", p50", Latency.ms(paced.added(), 50)));
        bars.add(new Figures.Bar(name + ", p99", Latency.ms(paced.added(), 99)));
      }
      interrupt(subject.server(), told, held);
    }
    rows.add(stop("interrupt to close, in mid-stream", told));
    rows.add(stop("interrupt to close, before the first word", held));
    bars.add(new Figures.Bar("interrupt to close, p99", Latency.ms(told, 99)));
    bars.add(new Figures.Bar("before the first word, p99", Latency.ms(held, 99)));
    return new Figures(
        """
        %d sessions × %d tokens/s: from when the demo agent makes a token, or the provider says a word, until the client
        has it, and what the server is then. Then %,d interrupts, %d per second, while all stream: from the client's call
        until the provider sees its connection closed, half of them before its first word.
        """
            .formatted(SESSIONS, RATE, interrupts, PER_SECOND),
        List.of("what", "p50", "p99", "max", "server CPU s/M tokens", "threads", "heap", "RSS"),
        rows,
        bars,
        "ms");
  }

  private static List<Cell> row(String name, TokenLoad.Paced paced, Subject subject)
      throws IOException, InterruptedException {
    return List.of(
        Cell.of(name),
        Latency.at(paced.added(), 50),
        Latency.at(paced.added(), 99),
        Latency.at(paced.added(), 100),
        Cell.of("%.0f", paced.used().serverCpu() / (paced.tokens() / 1e6)),
        Cell.of("%.0f", subject.vitals().metric("jvm_threads_live_threads")),
        Cell.of("%.0f MB", subject.vitals().heapBytes() / MEGABYTE),
        Cell.of("%.0f MB", paced.used().rssBytes() / MEGABYTE));
  }

  private static List<Cell> stop(String what, Histogram histogram) {
    List<Cell> row =
        new ArrayList<>(
            List.of(
                Cell.of(what),
                Latency.at(histogram, 50),
                Latency.at(histogram, 99),
                Latency.at(histogram, 100)));
    row.addAll(List.of(Cell.of(""), Cell.of(""), Cell.of(""), Cell.of("")));
    return row;
  }

  private Script answer(Asked asked) {
    Script answer = Script.of(200, Map.of("content-type", "text/event-stream"));
    MatchResult question = last(QUESTION.matcher(asked.body()));
    if (question != null) {
      boolean _ = asked(Integer.parseInt(question.group(1))).complete(asked);
      return question.group(2).equals("held")
          ? answer.hold()
          : answer.stream(1_000_000, RATE, ModelTurns::word);
    }
    MatchResult stamp = last(STAMP.matcher(asked.body()));
    if (stamp == null) {
      throw new IllegalStateException("nobody asks so: " + asked.body());
    }
    return answer.stream(
            Integer.parseInt(stamp.group(1)), Integer.parseInt(stamp.group(2)), ModelTurns::word)
        .say(chunk("{}", "\"stop\"") + "data: [DONE]\n\n");
  }

  /// What was asked last; a conversation holds what was asked before.
  private static @Nullable MatchResult last(Matcher matcher) {
    return matcher.results().reduce((_, later) -> later).orElse(null);
  }

  private static String word() {
    return chunk("{\"content\":\"n" + System.nanoTime() + " \"}", "null");
  }

  private static String chunk(String delta, String reason) {
    return """
    data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"stand-in",\
    "choices":[{"index":0,"delta":%s,"finish_reason":%s}]}

    """
        .formatted(delta, reason);
  }

  /// While all sessions stream, stops one after the other, and lets it begin again.
  private void interrupt(Server server, Histogram told, Histogram held) throws Exception {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      keys.add(server.key("stop", AGENT, i));
    }
    List<Chat> chats = Chat.openAll(server, keys, (_, _) -> {});
    List<Integer> asked = new ArrayList<>();
    for (Chat chat : chats) {
      asked.add(ask(chat, asked.size()));
    }
    long begin = System.nanoTime();
    for (int i = 0; i < interrupts; i++) {
      TokenLoad.sleepUntil(
          begin + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND + TokenLoad.phase(i, PER_SECOND));
      int at = i % SESSIONS;
      Chat chat = chats.get(at);
      int question = asked.get(at);
      Asked answering = asked(question).get(20, TimeUnit.SECONDS);
      Future<Void> stopped = chat.stop();
      long called = System.nanoTime();
      Server.await(chat.call("chat.interrupt", BenchClient.session(chat.key())));
      (isHeld(question) ? held : told).recordValue(answering.goneNanos() - called);
      Server.await(stopped);
      asked.set(at, ask(chat, SESSIONS + i));
    }
    for (Chat chat : chats) {
      Future<Void> stopped = chat.stop();
      Server.await(chat.call("chat.interrupt", BenchClient.session(chat.key())));
      Server.await(stopped);
    }
    TokenLoad.check(server, chats);
  }

  private CompletableFuture<Asked> asked(int question) {
    return questions.computeIfAbsent(question, _ -> new CompletableFuture<>());
  }

  private static boolean isHeld(int question) {
    return question % 2 == 1;
  }

  private int ask(Chat chat, int question) throws Exception {
    Server.await(
        chat.call(
            "chat.send",
            "{\"sessionId\":\"%s\",\"content\":\"question-%d-%s\"}"
                .formatted(chat.key(), question, isHeld(question) ? "held" : "told")));
    return question;
  }
}
