package dev.parley.agent.tool.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.mcp.client.DefaultMcpClient;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.parley.log.Failures;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// An MCP server that has been reached. Everything blocks; may be used by any thread.
public final class McpPeer implements AutoCloseable {
  private final MessageTransport transport;
  private final DefaultMcpClient client;

  /// @param timeout for the server to be reached, and to answer what is no call of a tool
  /// @param messageBytesMax of one message of it
  public record Settings(String name, Duration timeout, int messageBytesMax) {}

  private McpPeer(MessageTransport transport) {
    this.transport = transport;
    try {
      this.client =
          DefaultMcpClient.builder()
              .transport(transport)
              .key(transport.settings().name())
              .clientName("parley")
              .initializationTimeout(transport.settings().timeout())
              // whoever calls a tool knows how long it may take
              .toolExecutionTimeout(Duration.ZERO)
              .autoHealthCheck(false)
              .cacheToolList(false)
              .logHandler(_ -> {})
              .toolResultExtractor(McpPeer::result)
              .build();
    } catch (RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  /// Reaches a server.
  ///
  /// @param changed told, on any thread, that it may have other tools or be in trouble
  /// @throws RuntimeException it is not there, or not an MCP server
  public static McpPeer overHttp(
      URI url, @Nullable String bearerToken, Settings settings, Runnable changed) {
    return new McpPeer(new HttpMessages(url, bearerToken, settings, changed));
  }

  /// Starts a server, and ends it when it is closed. Otherwise as [#overHttp].
  ///
  /// @param environment what it finds in its environment beside what every program needs
  public static McpPeer overStdio(
      List<String> command, Map<String, String> environment, Settings settings, Runnable changed) {
    return new McpPeer(new ProcessMessages(command, environment, settings, changed));
  }

  /// What tools it has now, under its own names.
  ///
  /// @throws RuntimeException it does not say in time, or not in a way that can be read
  public List<ToolSpecification> tools() {
    try {
      return client.listTools();
    } catch (NullPointerException | IllegalArgumentException odd) {
      // the library's own way to say that a tool lacks something, or has something that it knows
      // not
      throw McpFailure.oddTools();
    }
  }

  /// Has a tool run. An interrupt ends it at once, and the server is told.
  ///
  /// @param arguments a JSON object
  /// @throws RuntimeException the tool failed, or the server did
  public String call(String tool, String arguments) {
    InvocationContext call = InvocationContext.builder().build();
    try {
      return client
          .executeTool(ToolExecutionRequest.builder().name(tool).arguments(arguments).build(), call)
          .resultText();
    } catch (RuntimeException e) {
      @Nullable McpFailure behind = McpFailure.behind(e);
      throw behind == null ? e : behind;
    } finally {
      transport.giveUp(call);
    }
  }

  /// A failure of a server as the log may show it.
  public static String named(Throwable failure) {
    @Nullable McpFailure behind = McpFailure.behind(failure);
    String message = behind == null ? null : behind.getMessage();
    return message == null ? Failures.named(failure) : message;
  }

  /// Models are told words; of everything else, what it was.
  private static ToolExecutionResult result(JsonNode content, boolean isError) {
    StringJoiner text = new StringJoiner("\n");
    for (JsonNode item : content) {
      JsonNode words = item.path("resource").path("text");
      if (item.path("text").isTextual()) {
        text.add(item.path("text").asText());
      } else {
        text.add(
            words.isTextual() ? words.asText() : "[" + item.path("type").asText() + " left out]");
      }
    }
    return ToolExecutionResult.builder().isError(isError).resultText(text.toString()).build();
  }

  /// Leaves the server. Blocks a bounded time; whoever waits for it hears of a failure. Idempotent.
  @Override
  public void close() {
    // whoever leaves may have been told to by an interrupt
    boolean interrupted = Thread.interrupted();
    client.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
