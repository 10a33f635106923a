package dev.parley.agent.tool.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.parley.testing.McpStandIn;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Over HTTP.
class McpPeerTest {
  private static final int BYTES_MAX = 10_000;

  private final McpStandIn server = McpStandIn.start();
  private final AtomicInteger nudges = new AtomicInteger();
  private @Nullable McpPeer peer;

  @AfterEach
  void close() {
    if (peer != null) {
      peer.close();
    }
    server.close();
  }

  @Test
  void listsWhatTheServerHas() {
    JsonObject schema =
        new JsonObject(
            """
            {"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}\
            """);
    server.tool("read.file", schema, called -> called.give("")).gives("list", _ -> "");

    List<ToolSpecification> tools = reach().tools();

    assertThat(tools).extracting(ToolSpecification::name).containsExactly("list", "read.file");
    assertThat(tools.get(1).description()).isEqualTo("does read.file");
    assertThat(tools.get(1).parameters().required()).containsExactly("path");
    assertThat(server.received())
        .extracting(message -> message.getString("method"))
        .containsExactly("initialize", "notifications/initialized", "tools/list");
  }

  @Test
  void listsAllPagesButNotWithoutEnd() {
    for (int i = 10; i < 60; i++) {
      server.gives("t" + i, _ -> "");
    }
    assertThat(reach(server.pages(5)).tools()).hasSize(50);
    server.pages(1);
    assertThatThrownBy(() -> reached().tools())
        .hasRootCauseMessage("the server's list of tools does not end");
  }

  @Test
  void saysThatAListOfToolsCannotBeRead() {
    JsonObject odd =
        new JsonObject("{\"type\":\"object\",\"properties\":{\"p\":{\"type\":\"no such\"}}}");
    McpStandIn _ = server.tool("odd", odd, called -> called.give(""));
    McpPeer reached = reach();
    assertThatThrownBy(reached::tools).hasMessage("the server's list of tools cannot be read");
  }

  @Test
  void callsATool() {
    server.gives("echo", arguments -> arguments.getString("text"));
    assertThat(reach(server.requireToken("abc")).call("echo", "{\"text\":\"häl\\nlo\"}"))
        .isEqualTo("häl\nlo");
    assertThat(server.called("echo").header("Authorization")).isEqualTo("Bearer abc");
    assertThat(server.called("echo").header("MCP-Protocol-Version")).isEqualTo("2025-11-25");
    assertThat(server.count("notifications/cancelled")).isZero();
  }

  @Test
  void readsAnswersAmongOtherEvents() {
    server.gives("echo", arguments -> arguments.getString("text"));
    assertThat(reach(server.asEvents()).call("echo", "{\"text\":\"hello\"}")).isEqualTo("hello");
    // it was pinged each time
    await()
        .until(() ->
            server.received().stream()
                .anyMatch(message ->
                    Objects.equals(message.getValue("id"), "p") && message.containsKey("result")));
  }

  @Test
  void whatIsNoTextIsNamed() {
    server.tool(
        "picture",
        called ->
            called.result(
                new JsonObject()
                    .put(
                        "content",
                        new JsonArray()
                            .add(new JsonObject().put("type", "text").put("text", "here:"))
                            .add(new JsonObject().put("type", "image").put("data", "AAAA"))
                            .add(
                                new JsonObject()
                                    .put("type", "resource")
                                    .put("resource", new JsonObject().put("text", "words"))))));
    assertThat(reach().call("picture", "{}")).isEqualTo("here:\n[image left out]\nwords");
  }

  @Test
  void whatFailedIsThrown() {
    server
        .tool("wrong", called -> called.fail("no such city"))
        .tool("bad", called -> called.error(-32602, "city is missing"))
        .tool("broken", called -> called.refuse(500))
        .tool("strange", called -> called.result(new JsonObject()));
    McpPeer reached = reach();
    assertThatThrownBy(() -> reached.call("wrong", "{}")).hasMessage("no such city");
    assertThatThrownBy(() -> reached.call("bad", "{}")).hasMessage("city is missing");
    assertThatThrownBy(() -> reached.call("strange", "{}")).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> reached.call("wrong", "[")).isInstanceOf(RuntimeException.class);
    assertThat(nudges).hasValue(0);
    assertThatThrownBy(() -> reached.call("broken", "{}"))
        .isInstanceOf(McpFailure.class)
        .hasMessage("the server answered with HTTP status 500");
    assertThat(nudges).hasValue(1);
  }

  @Test
  void readsNoMoreThanItsBound() {
    server.gives("much", _ -> "x".repeat(BYTES_MAX));
    assertThatThrownBy(() -> reach().call("much", "{}"))
        .hasMessage("the server said more than 10000 bytes at once");
    server.asEvents();
    assertThatThrownBy(() -> reached().call("much", "{}"))
        .hasMessage("the server said more than 10000 bytes at once");
  }

  @Test
  void anInterruptCutsTheExchangeAndTellsTheServer() throws Exception {
    server.holds("slow");
    McpPeer reached = reach();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                String _ = reached.call("slow", "{}");
              } catch (RuntimeException e) {
                boolean _ = thrown.complete(e);
              }
            });
    await().until(() -> server.wasCalled("slow"));

    caller.interrupt();

    assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
    assertThat(thrown).isCompleted();
    await().until(() -> server.called("slow").isGone());
    await().until(() -> server.cancelled().equals(List.of(server.called("slow").id())));
    server.gives("echo", _ -> "still here");
    assertThat(reached.call("echo", "{}")).isEqualTo("still here");
  }

  @Test
  void noticesThatItWasForgotten() {
    server.gives("echo", _ -> "");
    McpPeer reached = reach();
    server.forgetSessions();
    assertThatThrownBy(() -> reached.call("echo", "{}"))
        .hasMessage("the server answered with HTTP status 404");
    assertThat(nudges).hasValue(1);
  }

  @Test
  void doesNotReachWhatIsNotThere() {
    server.close();
    assertThatThrownBy(this::reach)
        .satisfies(e -> assertThat(McpPeer.named(e)).isEqualTo("the server cannot be reached"));
  }

  @Test
  void doesNotWaitForASilentServer() {
    server.fallSilent();
    McpPeer.Settings hasty = new McpPeer.Settings("s", Duration.ofMillis(200), BYTES_MAX);
    assertThatThrownBy(
            () -> McpPeer.overHttp(URI.create(server.url()), null, hasty, () -> {}).close())
        .satisfies(e -> assertThat(McpPeer.named(e)).contains("TimeoutException"));
  }

  @Test
  void takesNoForARefusal() {
    server.requireToken("other");
    assertThatThrownBy(this::reach)
        .satisfies(e ->
            assertThat(McpPeer.named(e)).isEqualTo("the server answered with HTTP status 401"));
  }

  @Test
  void saysGoodbye() {
    reach().close();
    assertThat(server.goodbyes()).hasSize(1);
    assertThatThrownBy(() -> reached().call("echo", "{}")).isInstanceOf(RuntimeException.class);
  }

  private McpPeer reach() {
    return reach(server);
  }

  private McpPeer reach(McpStandIn at) {
    McpPeer reached =
        McpPeer.overHttp(
            URI.create(at.url()),
            "abc",
            new McpPeer.Settings("s", Duration.ofSeconds(20), BYTES_MAX),
            nudges::incrementAndGet);
    peer = reached;
    return reached;
  }

  private McpPeer reached() {
    return Objects.requireNonNull(peer);
  }
}
