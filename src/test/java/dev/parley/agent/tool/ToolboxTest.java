package dev.parley.agent.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.parley.agent.tool.Tools.Call;
import dev.parley.agent.tool.Tools.Outcome;
import dev.parley.agent.tool.Tools.Outcome.Failed;
import dev.parley.agent.tool.Tools.Outcome.Gave;
import dev.parley.agent.tool.Tools.Running;
import dev.parley.testing.McpProcess;
import dev.parley.testing.McpStandIn;
import dev.parley.testing.SharedLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ToolboxTest {
  private static final ToolLimits LIMITS =
      new ToolLimits(Duration.ofSeconds(30), 4, 4, 1000, false);
  private static final ToolLimits ASKED = new ToolLimits(Duration.ofSeconds(30), 4, 4, 1000, true);
  private static final List<ToolBean> BEANS =
      List.of(new ClockTools(InstantSource.fixed(Instant.EPOCH)), new Adder());

  private final SharedLoop loop = new SharedLoop();
  private final McpStandIn server = McpStandIn.start();
  private @Nullable Toolbox box;

  static final class Adder implements ToolBean {
    @Tool
    public int add(int a, int b) {
      return a + b;
    }
  }

  @AfterEach
  void close() {
    if (box != null) {
      box.close();
    }
    server.close();
  }

  @Test
  void noToolsAreNone() {
    assertThat(Tools.NONE.specifications()).isEmpty();
    assertThat(Tools.NONE.needsApproval("add")).isFalse();
    assertThat(run(Tools.NONE, "add", "{}")).isEqualTo(new Failed("there is no such tool"));
    assertThat(open(List.of(), Map.of()).only(List.of())).isSameAs(Tools.NONE);
  }

  @Test
  void anAgentHasTheToolsItWasGiven() {
    Toolbox all = open(List.of(), Map.of());
    assertThat(names(all.only(List.of("*")))).containsExactly("add", "current_time");
    Tools one = all.only(List.of("add"));
    assertThat(names(one)).containsExactly("add");
    assertThat(run(one, "add", "{\"a\":1,\"b\":2}")).isEqualTo(new Gave("3"));
    assertThat(run(one, "current_time", "{}")).isEqualTo(new Failed("there is no such tool"));
    assertThat(run(all.only(List.of("*")), "current_time", "{}"))
        .isEqualTo(new Gave("Thursday, 1970-01-01T00:00:00+00:00 (UTC)"));
    assertThat(run(one, "add", "{\"a\":1}"))
        .isEqualTo(new Failed("Required parameter \"b\" of tool \"add\" is missing"));
  }

  @Test
  void refusesWhatIsNotThereAndCannotBe() {
    Toolbox all = open(List.of(reached("files")), Map.of());
    assertThat(names(all.only(List.of("files_later")))).isEmpty();
    assertThatThrownBy(() -> all.only(List.of("add", "sub"))).hasMessageContaining("no tool sub");
    assertThatThrownBy(() -> open(List.of(), Map.of("sub", LIMITS)))
        .hasMessageContaining("no tool sub");
    assertThatThrownBy(() -> open(List.of(reached("add"), reached("add")), Map.of()))
        .hasMessage("two MCP servers are called add");
    assertThatThrownBy(() -> open(List.of(reached("current")), Map.of()))
        .hasMessageContaining("is called like those of the MCP server current");
  }

  @Test
  void theMostExactLimitsCount() {
    Tools tools =
        open(
                List.of(reached("files"), reached("git")),
                Map.of("files.*", ASKED, "files_read", LIMITS, "add", ASKED, "git_a.b", ASKED))
            .only(List.of("add", "files.*", "git.*"));
    assertThat(tools.needsApproval("add")).isTrue();
    assertThat(tools.needsApproval("files_read")).isFalse();
    assertThat(tools.needsApproval("git_log")).isFalse();
    assertThat(tools.needsApproval(ToolNames.ofServer("git", "a.b"))).isTrue();
    assertThat(tools.needsApproval("current_time")).isFalse();
    // whether it is there or not, so that it never runs without
    assertThat(tools.needsApproval("files_write")).isTrue();
  }

  @Test
  void tellsHowLongACallMayTakeAtMost() {
    Toolbox all =
        open(
            List.of(reached("files"), reached("git")),
            Map.of("files.*", lasting(10), "files_a.b", lasting(50), "add", lasting(5)));
    assertThat(all.timeoutMax(List.of())).isZero();
    assertThat(all.timeoutMax(List.of("add"))).hasSeconds(5);
    assertThat(all.timeoutMax(List.of("add", "files_read"))).hasSeconds(10);
    assertThat(all.timeoutMax(List.of("files_a.b"))).hasSeconds(50);
    assertThat(all.timeoutMax(List.of("files.*"))).hasSeconds(50);
    assertThat(all.timeoutMax(List.of("git.*"))).hasSeconds(30);
    assertThat(all.timeoutMax(List.of("*"))).hasSeconds(50);
  }

  @Test
  void aServersToolsAreThereOnceItIs() {
    server.gives("read.file", arguments -> "of " + arguments.getString("path")).gives("a", _ -> "");
    Tools tools = open(List.of(reached("files")), Map.of()).only(List.of("add", "files.*"));
    String read = ToolNames.ofServer("files", "read.file");
    await().until(() -> names(tools).size() == 3);

    assertThat(names(tools)).containsExactly("add", "files_a", read);
    assertThat(run(tools, read, "{\"path\":\"x\"}")).isEqualTo(new Gave("of x"));
    assertThat(server.called("read.file").header("Authorization")).isEqualTo("Bearer secret");
    assertThat(run(tools, "files_b", "{}"))
        .isEqualTo(new Failed("there is no such tool at the moment"));
  }

  @Test
  void whatAServersToolCallsAnErrorIsAFailure() {
    server.tool("wrong", called -> called.fail("no such file"));
    Tools tools = open(List.of(reached("files")), Map.of()).only(List.of("*"));
    await().until(() -> names(tools).contains("files_wrong"));
    assertThat(run(tools, "files_wrong", "{}")).isEqualTo(new Failed("no such file"));
  }

  @Test
  void aCallThatTakesTooLongIsCutOffAtTheServer() {
    server.holds("slow");
    Tools tools = open(List.of(reached("files")), Map.of()).only(List.of("files_slow"));
    await().until(() -> !names(tools).isEmpty());
    List<Outcome> outcomes = new ArrayList<>();
    Running _ = tools.run(call("files_slow", "{}"), loop, outcomes::add);
    await().until(() -> server.wasCalled("slow"));

    loop.advance(LIMITS.timeout());

    assertThat(outcomes).containsExactly(new Failed("it took longer than 30000 ms"));
    await().until(() -> server.called("slow").isGone());
    await().until(() -> !server.cancelled().isEmpty());
  }

  @Test
  void aServerThatIsAwayComesBackWithItsTools() {
    int port = server.port();
    server.close();
    Tools tools =
        open(List.of(at("http://127.0.0.1:" + port + "/mcp", "files")), Map.of()).only(ALL);
    assertThat(names(tools)).containsExactly("add", "current_time");
    assertThat(run(tools, "files_a", "{}"))
        .isEqualTo(new Failed("there is no such tool at the moment"));

    try (McpStandIn _ = McpStandIn.start(port).gives("a", _ -> "back")) {
      await().until(() -> names(tools).contains("files_a"));
      assertThat(run(tools, "files_a", "{}")).isEqualTo(new Gave("back"));
    }
    await().until(() -> !names(tools).contains("files_a"));

    try (McpStandIn _ = McpStandIn.start(port).gives("b", _ -> "again")) {
      await().until(() -> names(tools).contains("files_b"));
      assertThat(names(tools)).doesNotContain("files_a");
      assertThat(run(tools, "files_b", "{}")).isEqualTo(new Gave("again"));
    }
  }

  @Test
  void aServerThatForgetsItsClientsIsReachedAgain() {
    server.gives("a", _ -> "here");
    Tools tools = open(List.of(reached("files")), Map.of()).only(ALL);
    await().until(() -> names(tools).contains("files_a"));
    server.forgetSessions();
    await().until(() -> server.count("initialize") == 2 && names(tools).contains("files_a"));
    assertThat(run(tools, "files_a", "{}")).isEqualTo(new Gave("here"));
  }

  @Test
  void newToolsAreNoticedAndOldOnesForgotten() {
    server.gives("a", _ -> "");
    Tools tools = open(List.of(reached("files")), Map.of()).only(List.of("files.*"));
    await().until(() -> names(tools).equals(List.of("files_a")));
    server.gives("b", _ -> "").without("a");
    await().until(() -> names(tools).equals(List.of("files_b")));
  }

  @Test
  void aServerWithoutEndHasNotMoreToolsThanThereIsRoomFor() {
    for (int i = 0; i < McpTools.TOOLS_MAX + 5; i++) {
      server.gives("t" + (1000 + i), _ -> "");
    }
    Tools tools = open(List.of(reached("files")), Map.of()).only(List.of("files.*"));
    await().until(() -> !names(tools).isEmpty());
    assertThat(names(tools)).hasSize(McpTools.TOOLS_MAX).startsWith("files_t1000");
  }

  @Test
  void startsAServerAndEndsIt() {
    McpServer started = server("echoes", null, McpProcess.command());
    Toolbox opened = open(List.of(started), Map.of());
    Tools tools = opened.only(List.of("echoes.*"));
    await().atMost(Duration.ofSeconds(60)).until(() -> names(tools).contains("echoes_echo"));
    assertThat(run(tools, "echoes_echo", "{\"text\":\"hello\"}")).isEqualTo(new Gave("hello"));

    opened.close();
    opened.close();
    assertThat(names(tools)).isEmpty();
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void isClosedWithGoodbyes() {
    server.gives("a", _ -> "");
    Toolbox opened = open(List.of(reached("files")), Map.of());
    Tools tools = opened.only(ALL);
    await().until(() -> names(tools).contains("files_a"));
    opened.close();
    assertThat(server.goodbyes()).hasSize(1);
    assertThat(names(tools)).containsExactly("add", "current_time");
    assertThat(run(tools, "files_a", "{}"))
        .isEqualTo(new Failed("there is no such tool at the moment"));
  }

  @Test
  void aServerIsEitherReachedOrStarted() {
    assertThatThrownBy(() -> server("a", null, List.of())).hasMessageContaining("either a URL");
    assertThatThrownBy(() -> server("a", "http://x/", List.of("x")))
        .hasMessageContaining("either a URL");
    assertThatThrownBy(() -> server("a", "file:///x", List.of())).hasMessageContaining("HTTP");
    assertThatThrownBy(() -> server("a_b", "http://x/", List.of())).hasMessageContaining("name");
    assertThat(reached("a")).hasToString("McpServer[a]");
  }

  private static final List<String> ALL = List.of("*");

  private McpServer reached(String name) {
    return at(server.url(), name);
  }

  private static McpServer at(String url, String name) {
    return server(name, url, List.of());
  }

  private static McpServer server(String name, @Nullable String url, List<String> command) {
    return new McpServer(
        name,
        url,
        url == null ? null : "secret",
        command,
        Map.of(),
        Duration.ofSeconds(60),
        Duration.ofMillis(100),
        Duration.ofMillis(50),
        100_000);
  }

  private static ToolLimits lasting(long seconds) {
    return new ToolLimits(Duration.ofSeconds(seconds), 4, 4, 1000, false);
  }

  private Toolbox open(List<McpServer> servers, Map<String, ToolLimits> limits) {
    Toolbox opened = Toolbox.open(BEANS, servers, limits, LIMITS);
    if (box != null) {
      box.close();
    }
    box = opened;
    return opened;
  }

  private static List<String> names(Tools tools) {
    return tools.specifications().stream().map(ToolSpecification::name).toList();
  }

  private static Call call(String name, String arguments) {
    return new Call("user:agent:thread", name, arguments);
  }

  private Outcome run(Tools tools, String name, String arguments) {
    List<Outcome> outcomes = new ArrayList<>();
    Running _ = tools.run(call(name, arguments), loop, outcomes::add);
    loop.await(() -> !outcomes.isEmpty());
    return outcomes.getFirst();
  }
}
