package dev.parley.agent.tool.mcp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.mcp.client.McpCallContext;
import dev.langchain4j.mcp.client.McpIcon;
import dev.langchain4j.mcp.client.McpIconTheme;
import dev.langchain4j.mcp.client.transport.McpOperationHandler;
import dev.langchain4j.mcp.client.transport.McpTransport;
import dev.langchain4j.mcp.protocol.McpCallToolParams;
import dev.langchain4j.mcp.protocol.McpCallToolRequest;
import dev.langchain4j.mcp.protocol.McpCancellationNotification;
import dev.langchain4j.mcp.protocol.McpCancellationParams;
import dev.langchain4j.mcp.protocol.McpClientMessage;
import dev.langchain4j.mcp.protocol.McpClientMethod;
import dev.langchain4j.mcp.protocol.McpClientNotification;
import dev.langchain4j.mcp.protocol.McpClientParams;
import dev.langchain4j.mcp.protocol.McpClientRequest;
import dev.langchain4j.mcp.protocol.McpImplementation;
import dev.langchain4j.mcp.protocol.McpInitializeParams;
import dev.langchain4j.mcp.protocol.McpInitializeRequest;
import dev.langchain4j.mcp.protocol.McpJsonRpcMessage;
import dev.langchain4j.mcp.protocol.McpListToolsParams;
import dev.langchain4j.mcp.protocol.McpListToolsRequest;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Messages of JSON-RPC, whatever carries them: which request an answer is for, and what a server
/// that asks is answered. May be used by any thread.
@RegisterForReflection(
    targets = {
      McpCallToolParams.class,
      McpCallToolRequest.class,
      McpCancellationNotification.class,
      McpCancellationParams.class,
      McpClientMessage.class,
      McpClientMethod.class,
      McpClientNotification.class,
      McpClientParams.class,
      McpClientRequest.class,
      McpIcon.class,
      McpIconTheme.class,
      McpImplementation.class,
      McpInitializeParams.class,
      McpInitializeParams.Capabilities.class,
      McpInitializeParams.Capabilities.Roots.class,
      McpInitializeParams.Capabilities.Sampling.class,
      McpInitializeRequest.class,
      McpJsonRpcMessage.class,
      McpListToolsParams.class,
      McpListToolsRequest.class
    })
abstract class MessageTransport implements McpTransport {
  /// Of a list of tools, so that one without an end ends.
  static final int PAGES_MAX = 32;

  static final ObjectMapper JSON = new ObjectMapper();

  private static final int NO_SUCH_METHOD = -32601;

  private final McpPeer.Settings settings;
  private final Runnable changed;
  private final Map<Long, Asked> pending = new ConcurrentHashMap<>();
  private volatile int pages;
  private volatile @Nullable String protocolVersion;

  /// @param call what it is asked for; absent: for this node itself
  private record Asked(CompletableFuture<JsonNode> answer, @Nullable InvocationContext call) {}

  /// @param changed told, on any thread, that the server may have other tools or be in trouble
  MessageTransport(McpPeer.Settings settings, Runnable changed) {
    this.settings = settings;
    this.changed = changed;
  }

  /// Sends a request. Its answer comes by [#receive], or the future fails; whoever completes it
  /// before has no use for the exchange any more.
  abstract void ask(JsonNode request, CompletableFuture<JsonNode> answer);

  /// Sends what is not answered.
  ///
  /// @return done when it has arrived, as far as can be known; it also is when it has not
  abstract CompletableFuture<?> tell(JsonNode message);

  /// Cuts everything.
  @Override
  public abstract void close();

  final McpPeer.Settings settings() {
    return settings;
  }

  /// What both sides speak; absent: not agreed upon yet.
  final @Nullable String protocolVersion() {
    return protocolVersion;
  }

  /// Nobody waits any more for that call's answer, if it is still to come. Does not block.
  // Two calls may be alike, and are not the same.
  @SuppressWarnings("ReferenceEquality")
  final void giveUp(InvocationContext call) {
    pending.forEach((id, asked) -> {
      if (asked.call() == call && asked.answer().cancel(false)) {
        ObjectNode message = message("notifications/cancelled");
        message.putObject("params").put("requestId", id);
        CompletableFuture<?> _ = tell(message);
      }
    });
  }

  /// The connection is gone, and no answer will come.
  final void lose(McpFailure why) {
    pending.values().forEach(asked -> asked.answer().completeExceptionally(why));
    changed.run();
  }

  /// A message came.
  final void receive(JsonNode message) {
    if (message.isArray()) {
      message.forEach(this::receive);
    } else if (message.has("method")) {
      if (message.has("id")) {
        CompletableFuture<?> _ = tell(answer(message.path("method").asText(), message.get("id")));
      } else if (message.path("method").asText().equals("notifications/tools/list_changed")) {
        changed.run();
      }
    } else if (message.has("result") || message.has("error")) {
      @Nullable Asked asked = pending.get(message.path("id").asLong(-1));
      if (asked != null) {
        boolean _ = asked.answer().complete(message);
      }
    }
  }

  /// What comes as text.
  ///
  /// @throws McpFailure it is no JSON
  final void receive(String text) {
    try {
      receive(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      throw McpFailure.unreadable();
    }
  }

  private static JsonNode answer(String method, JsonNode id) {
    ObjectNode message = JSON.createObjectNode().put("jsonrpc", "2.0").set("id", id);
    switch (method) {
      case "ping" -> message.putObject("result");
      case "roots/list" -> message.putObject("result").putArray("roots");
      default ->
          message.putObject("error").put("code", NO_SUCH_METHOD).put("message", "no such method");
    }
    return message;
  }

  private static ObjectNode message(String method) {
    return JSON.createObjectNode().put("jsonrpc", "2.0").put("method", method);
  }

  @Override
  public void start(McpOperationHandler unused) {}

  @Override
  public CompletableFuture<JsonNode> initialize(McpInitializeRequest request) {
    return request(request, null)
        .thenCompose(answer -> {
          if (!answer.has("result")) {
            throw McpFailure.unreadable();
          }
          protocolVersion = answer.path("result").path("protocolVersion").asText(null);
          return tell(message("notifications/initialized")).thenApply(_ -> answer);
        });
  }

  @Override
  public CompletableFuture<JsonNode> executeOperationWithResponse(McpClientMessage request) {
    return request(request, null);
  }

  @Override
  public CompletableFuture<JsonNode> executeOperationWithResponse(McpCallContext context) {
    return request(context.message(), context.invocationContext());
  }

  private CompletableFuture<JsonNode> request(
      McpClientMessage message, @Nullable InvocationContext call) {
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    if (message instanceof McpListToolsRequest list) {
      pages = list.getParams() == null ? 1 : pages + 1;
      if (pages > PAGES_MAX) {
        boolean _ = answer.completeExceptionally(McpFailure.tooManyPages());
        return answer;
      }
    }
    long id = message.getId();
    pending.put(id, new Asked(answer, call));
    if (call == null) {
      CompletableFuture<?> _ = answer.orTimeout(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
    }
    CompletableFuture<?> _ =
        answer.whenComplete((_, failure) -> {
          Asked _ = pending.remove(id);
          if (failure instanceof McpFailure) {
            changed.run();
          }
        });
    ask(JSON.valueToTree(message), answer);
    return answer;
  }

  @Override
  public void executeOperationWithoutResponse(McpClientMessage message) {
    CompletableFuture<?> _ = tell(JSON.valueToTree(message));
  }

  @Override
  public void executeOperationWithoutResponse(McpCallContext context) {
    executeOperationWithoutResponse(context.message());
  }

  @Override
  public void checkHealth() {}

  @Override
  public void onFailure(Runnable unused) {}
}
