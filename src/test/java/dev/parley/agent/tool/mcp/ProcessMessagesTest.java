package dev.parley.agent.tool.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.parley.testing.McpProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessMessagesTest {
  private static final McpPeer.Settings SETTINGS =
      new McpPeer.Settings("s", Duration.ofSeconds(60), 10_000);

  private final AtomicInteger nudges = new AtomicInteger();
  private McpPeer peer;

  @BeforeEach
  void start() {
    peer =
        McpPeer.overStdio(
            McpProcess.command(), Map.of("GIVEN", "x"), SETTINGS, nudges::incrementAndGet);
  }

  @AfterEach
  void close() {
    peer.close();
  }

  @Test
  void listsAndCalls() {
    assertThat(peer.tools()).extracting(ToolSpecification::name).contains("echo", "die");
    assertThat(peer.call("echo", "{\"text\":\"häl\\nlo\"}")).isEqualTo("häl\nlo");
  }

  @Test
  void handsOnNothingOfTheNodesEnvironmentButWhatProgramsNeed() {
    assertThat(peer.call("environment", "{}").split(" "))
        .contains("GIVEN")
        .isSubsetOf(
            "GIVEN", "HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ",
            "USER");
  }

  @Test
  void anInterruptTellsTheServer() throws InterruptedException {
    Thread caller =
        Thread.ofVirtual()
            .start(() -> assertThatThrownBy(() -> peer.call("hold", "{}")).isNotNull());
    await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
    caller.interrupt();
    assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
    await().until(() -> peer.call("cancelled", "{}").equals("1"));
  }

  @Test
  void itsEndIsNoticed() {
    assertThatThrownBy(() -> peer.call("die", "{}"))
        .hasMessage("the connection to the server was lost before it had answered");
    await().until(() -> nudges.get() > 0);
    assertThatThrownBy(peer::tools)
        .satisfies(e ->
            assertThat(McpPeer.named(e))
                .isEqualTo("the connection to the server was lost before it had answered"));
  }

  @Test
  void readsNoMoreThanItsBound() {
    assertThatThrownBy(() -> peer.call("flood", "{}"))
        .hasMessage("the server said more than 10000 bytes at once");
  }

  @Test
  void endsWhatItHasStarted() {
    long before = children();
    peer.close();
    await().until(() -> children() == before - 1);
  }

  private static long children() {
    return ProcessHandle.current().children().filter(ProcessHandle::isAlive).count();
  }

  @Test
  void aProgramThatIsNotThereCannotBeReached() {
    assertThatThrownBy(() ->
            McpPeer.overStdio(List.of("/no/such/program"), Map.of(), SETTINGS, () -> {}).close())
        .hasMessage("the server cannot be reached");
  }
}
