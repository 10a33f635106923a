package dev.parley.agent.turn;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.parley.agent.AgentContext;
import dev.parley.agent.AgentEvent;
import dev.parley.agent.AgentFailure;
import dev.parley.agent.Approvals.Approval;
import dev.parley.agent.http.ProviderHttp;
import dev.parley.agent.llm.ModelSettings;
import dev.parley.agent.llm.Provider;
import dev.parley.agent.tool.ToolLimits;
import dev.parley.agent.tool.Toolbox;
import dev.parley.agent.tool.Tools;
import dev.parley.agent.turn.ModelAgent.CostLimits;
import dev.parley.agent.turn.ModelAgent.Retries;
import dev.parley.app.TestLoops;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.MessageId;
import dev.parley.content.TurnOutput;
import dev.parley.content.Usage;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import dev.parley.testing.ProviderStandIn;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Turns of a model agent that asks a stand-in, on a real loop.
final class ModelTurns {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TURN = "turn1";
  static final UserMessage INPUT =
      new UserMessage(new MessageId("u1"), "hello", null, null, Instant.EPOCH);

  final ProviderStandIn provider = new ProviderStandIn();
  private final Vertx vertx = Vertx.vertx();
  private final EventLoop loop = TestLoops.make(vertx);
  private final ProviderHttp http =
      new ProviderHttp(
          vertx, new ProviderHttp.Settings(4, 10, Duration.ofSeconds(5), 100_000, 1_000_000));
  private final Map<String, UniEmitter<? super Approval>> approvals = new ConcurrentHashMap<>();

  final TestTools bean = new TestTools();
  private final Toolbox toolbox =
      Toolbox.open(
          List.of(bean),
          List.of(),
          Map.of("pay", new ToolLimits(Duration.ofSeconds(10), 4, 4, 1000, true)),
          new ToolLimits(Duration.ofSeconds(10), 4, 4, 1000, false));

  Tools tools = Tools.NONE;
  Retries retries = new Retries(2, Duration.ofMillis(2), Duration.ofSeconds(2));
  CostLimits limits = new CostLimits(0, 0, 0);
  Uni<Long> spentToday = Uni.createFrom().failure(new AssertionError("nobody needs to know"));
  Usage sessionSpent = Usage.NONE;
  Usage turnSpent = Usage.NONE;

  /// Tokens that the turn had told of when it last waited for them to be durable.
  volatile long durable;

  List<ChatMessage> history = List.of();
  int stepsMax = 4;
  int callsMax = 3;
  @Nullable String apiKey = "sk-secret";
  @Nullable Integer thinkingBudget;
  long demand = Long.MAX_VALUE;

  /// All tools that there are.
  void withTools() {
    tools = toolbox.only(List.of("*"));
  }

  ModelAgent agent(Provider of) {
    return new ModelAgent(
        new ModelAgent.Settings(
            "parley.agents.test",
            new ModelSettings(
                of,
                "the-model",
                provider.url() + (of == Provider.OLLAMA ? "" : "/v1"),
                apiKey,
                null,
                null,
                100,
                thinkingBudget),
            10_000,
            100,
            stepsMax,
            callsMax,
            retries,
            limits),
        tools,
        http::exchange,
        (_, _) -> spentToday);
  }

  Turn answer(Provider of) {
    return play(of, TurnOutput.EMPTY);
  }

  Turn resume(Provider of, Content... said) {
    return play(of, output(said));
  }

  static TurnOutput output(Content... said) {
    TurnOutput output = TurnOutput.EMPTY;
    for (Content content : said) {
      output = output.append(content);
    }
    return output;
  }

  private Turn play(Provider of, TurnOutput said) {
    ModelAgent agent = agent(of);
    AgentContext context =
        new AgentContext(
            new SessionKey("ada", "test", "t"),
            new TurnId(TURN),
            INPUT,
            Uni.createFrom().item(history),
            null,
            sessionSpent,
            turnSpent,
            id -> Uni.createFrom().emitter(waiting -> approvals.put(id, waiting)),
            loop);
    Turn turn = new Turn();
    on(() ->
        (said.isEmpty() ? agent.answer(context) : agent.resume(context, said)).subscribe(turn));
    return turn;
  }

  /// Answers a request for approval, once there is somebody who waits for that.
  void approve(String approvalId, boolean approved, @Nullable String reason) {
    await().atMost(LIMIT).until(() -> approvals.containsKey(approvalId));
    on(() ->
        Objects.requireNonNull(approvals.remove(approvalId))
            .complete(new Approval(approved, reason)));
  }

  boolean waitsFor(String approvalId) {
    return approvals.containsKey(approvalId);
  }

  JsonNode asked(int number) {
    await().atMost(LIMIT).until(() -> provider.asked().size() > number);
    try {
      return JSON.readTree(provider.asked().get(number).body());
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private void on(Runnable task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> {
      task.run();
      done.complete(null);
    });
    done.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  void close() throws Exception {
    toolbox.close();
    provider.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /// Tools, and when they were called.
  static final class TestTools {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> interrupted = new CompletableFuture<>();

    @Tool(name = "clock", value = "Tells the time of a place.")
    String clock(@P(name = "place", description = "a city", required = false) String place) {
      calls.add("clock " + place);
      return "noon in " + place;
    }

    @Tool(name = "broken", value = "Never works.")
    String broken() {
      calls.add("broken");
      throw new IllegalStateException("out of order");
    }

    @Tool(name = "pay", value = "Pays.")
    String pay() {
      calls.add("pay");
      return "paid";
    }

    @Tool(name = "slow", value = "Takes long.")
    String slow() throws InterruptedException {
      calls.add("slow");
      try {
        new CountDownLatch(1).await();
        return "never";
      } catch (InterruptedException e) {
        interrupted.complete(null);
        throw e;
      }
    }
  }

  /// What came of a turn.
  final class Turn implements MultiSubscriber<AgentEvent> {
    private final List<AgentEvent> events = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile Flow.@Nullable Subscription subscription;

    Turn await() {
      ended.handle((_, _) -> null).orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
      return this;
    }

    void awaitSaid(int count) {
      org.awaitility.Awaitility.await().atMost(LIMIT).until(() -> said().size() >= count);
    }

    List<Content> said() {
      List<Content> said = new ArrayList<>();
      for (AgentEvent event : events) {
        if (event instanceof AgentEvent.Said words) {
          said.add(words.content());
        }
      }
      return said;
    }

    String text() {
      return said().stream()
          .filter(TextDelta.class::isInstance)
          .map(delta -> ((TextDelta) delta).delta())
          .collect(Collectors.joining());
    }

    AgentEvent.Finished finished() {
      await();
      if (ended.isCompletedExceptionally()) {
        throw new AssertionError("it failed", ended.exceptionNow());
      }
      return (AgentEvent.Finished) events.getLast();
    }

    Throwable failure() {
      await();
      return ended.exceptionNow();
    }

    AgentFailure told() {
      return (AgentFailure) failure();
    }

    Usage spent() {
      return events.stream()
          .filter(AgentEvent.Spent.class::isInstance)
          .map(cost -> ((AgentEvent.Spent) cost).usage())
          .reduce(Usage.NONE, (_, later) -> later);
    }

    boolean isOver() {
      return ended.isDone();
    }

    void request(long n) {
      on(() -> Objects.requireNonNull(subscription).request(n));
    }

    void cancel() {
      on(() -> Objects.requireNonNull(subscription).cancel());
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(demand);
    }

    @Override
    public void onItem(AgentEvent event) {
      if (event instanceof AgentEvent.Fence fence) {
        durable = CostGuard.tokens(spent());
        fence.passed().run();
      } else {
        events.add(event);
      }
    }

    @Override
    public void onFailure(Throwable failure) {
      ended.completeExceptionally(failure);
    }

    @Override
    public void onCompletion() {
      ended.complete(null);
    }
  }
}
