package dev.parley.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// An MCP server on standard input and output: a program of its own, started by [#command].
///
/// Its tools: `echo`; `hold`, which never answers; `cancelled`, how many calls were; `environment`,
/// the names of its variables; `flood`, a line without end; `die`.
public final class McpProcess {
  private int cancelled;

  private McpProcess() {}

  /// Starts it, with the JVM and the class path of the test.
  public static List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        McpProcess.class.getName());
  }

  public static void main(String[] arguments) throws IOException {
    System.out.println("hello, this is no message");
    McpProcess process = new McpProcess();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      process.take(new JsonObject(line));
    }
  }

  private void take(JsonObject message) {
    JsonObject params = message.getJsonObject("params", new JsonObject());
    switch (message.getString("method", "")) {
      case "initialize" -> answer(message, new JsonObject().put("protocolVersion", "2025-11-25"));
      case "tools/list" -> answer(message, new JsonObject().put("tools", tools()));
      case "notifications/cancelled" -> cancelled++;
      case "tools/call" -> call(message, params);
      default -> {}
    }
  }

  private static JsonArray tools() {
    return new JsonArray(
        Stream.of("echo", "hold", "cancelled", "environment", "flood", "die")
            .map(name ->
                new JsonObject()
                    .put("name", name)
                    .put("inputSchema", new JsonObject().put("type", "object")))
            .toList());
  }

  private void call(JsonObject message, JsonObject params) {
    switch (params.getString("name")) {
      case "echo" -> give(message, params.getJsonObject("arguments").getString("text", ""));
      case "cancelled" -> give(message, String.valueOf(cancelled));
      case "environment" -> give(message, String.join(" ", System.getenv().keySet()));
      case "flood" -> {
        String much = "x".repeat(1 << 16);
        System.out.print("{");
        while (!System.out.checkError()) {
          System.out.print(much);
        }
      }
      case "die" -> Runtime.getRuntime().halt(1);
      default -> {}
    }
  }

  private static void give(JsonObject message, String text) {
    JsonObject content = new JsonObject().put("type", "text").put("text", text);
    answer(message, new JsonObject().put("content", new JsonArray().add(content)));
  }

  private static void answer(JsonObject message, JsonObject result) {
    System.out.println(
        new JsonObject()
            .put("jsonrpc", "2.0")
            .put("id", message.getValue("id"))
            .put("result", result)
            .encode());
  }
}
