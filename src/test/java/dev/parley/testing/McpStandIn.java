package dev.parley.testing;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An MCP server over streamable HTTP, with the tools that a test gives it.
public final class McpStandIn implements AutoCloseable {
  private static final int LIMIT_SECONDS = 20;
  private static final String SESSION = "Mcp-Session-Id";

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final Map<String, Tool> tools = new ConcurrentSkipListMap<>();
  private final Set<String> sessions = ConcurrentHashMap.newKeySet();
  private final List<Called> calls = new CopyOnWriteArrayList<>();
  private final List<JsonObject> received = new CopyOnWriteArrayList<>();
  private final List<Long> cancelled = new CopyOnWriteArrayList<>();
  private final List<String> goodbyes = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile @Nullable String token;
  private volatile boolean asEvents;
  private volatile boolean silent;
  private volatile int pageSize = Integer.MAX_VALUE;

  private record Tool(JsonObject specification, Consumer<Called> behaviour) {}

  /// A call of a tool, and what became of it.
  public static final class Called {
    private final McpStandIn standIn;
    private final HttpServerRequest request;
    private final JsonObject message;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    private Called(McpStandIn standIn, HttpServerRequest request, JsonObject message) {
      this.standIn = standIn;
      this.request = request;
      this.message = message;
    }

    public String name() {
      return message.getJsonObject("params").getString("name");
    }

    public JsonObject arguments() {
      return message.getJsonObject("params").getJsonObject("arguments");
    }

    public long id() {
      return message.getLong("id");
    }

    public String header(String name) {
      return String.valueOf(request.getHeader(name));
    }

    /// Whether whoever called has closed the connection before there was an answer.
    public boolean isGone() {
      return gone.isDone();
    }

    /// Answers with text.
    public void give(String text) {
      result(result(text));
    }

    /// Answers that the tool failed.
    public void fail(String why) {
      result(result(why).put("isError", true));
    }

    /// Answers with the whole result of the call.
    public void result(JsonObject result) {
      standIn.answer(request, message, new JsonObject().put("result", result));
    }

    /// Answers with an error of the protocol.
    public void error(int code, String why) {
      standIn.answer(
          request,
          message,
          new JsonObject().put("error", new JsonObject().put("code", code).put("message", why)));
    }

    /// Answers with a status and nothing else.
    public void refuse(int status) {
      request.response().setStatusCode(status).end();
    }

    private static JsonObject result(String text) {
      return new JsonObject()
          .put(
              "content",
              new JsonArray().add(new JsonObject().put("type", "text").put("text", text)));
    }
  }

  private McpStandIn(int port) {
    server = vertx.createHttpServer().requestHandler(this::take);
    wait(server.listen(port, "127.0.0.1").toCompletionStage().toCompletableFuture());
  }

  /// Starts one without tools, on a port that is free.
  public static McpStandIn start() {
    return start(0);
  }

  public static McpStandIn start(int port) {
    return new McpStandIn(port);
  }

  private static void wait(CompletableFuture<?> what) {
    Object _ = what.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }

  public int port() {
    return server.actualPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port() + "/mcp";
  }

  /// Gives it a tool that takes anything and does this; it need not answer at once, or at all.
  public McpStandIn tool(String name, Consumer<Called> behaviour) {
    return tool(name, new JsonObject().put("type", "object"), behaviour);
  }

  /// @param inputSchema what the tool takes, as JSON Schema
  public McpStandIn tool(String name, JsonObject inputSchema, Consumer<Called> behaviour) {
    JsonObject specification =
        new JsonObject()
            .put("name", name)
            .put("description", "does " + name)
            .put("inputSchema", inputSchema);
    tools.put(name, new Tool(specification, behaviour));
    return this;
  }

  /// Gives it a tool that answers with text.
  public McpStandIn gives(String name, Function<JsonObject, String> text) {
    return tool(name, called -> called.give(text.apply(called.arguments())));
  }

  /// Gives it a tool whose calls are not answered until the test does, see [#called].
  public McpStandIn holds(String name) {
    return tool(name, _ -> {});
  }

  public void without(String name) {
    Tool _ = tools.remove(name);
  }

  /// From now on only requests with this bearer token are taken.
  public McpStandIn requireToken(String token) {
    this.token = token;
    return this;
  }

  /// From now on it answers with streams of events, with a ping and other things in front.
  public McpStandIn asEvents() {
    asEvents = true;
    return this;
  }

  /// From now on it tells of so many tools at once.
  public McpStandIn pages(int tools) {
    pageSize = tools;
    return this;
  }

  /// From now on it takes requests and answers none.
  public void fallSilent() {
    silent = true;
  }

  /// From now on it knows none of its clients any more.
  public void forgetSessions() {
    sessions.clear();
  }

  /// Every call of a tool, oldest first.
  public List<Called> calls() {
    return List.copyOf(calls);
  }

  /// The last call of that tool. There has to be one.
  public Called called(String name) {
    return calls.stream()
        .filter(call -> call.name().equals(name))
        .reduce((_, last) -> last)
        .orElseThrow();
  }

  public boolean wasCalled(String name) {
    return calls.stream().anyMatch(call -> call.name().equals(name));
  }

  /// The ids of the calls that were cancelled.
  public List<Long> cancelled() {
    return List.copyOf(cancelled);
  }

  /// The sessions that clients have ended.
  public List<String> goodbyes() {
    return List.copyOf(goodbyes);
  }

  /// Every message that came, oldest first.
  public List<JsonObject> received() {
    return List.copyOf(received);
  }

  /// How often this was asked or told.
  public long count(String method) {
    return received.stream().filter(message -> method.equals(message.getString("method"))).count();
  }

  private void take(HttpServerRequest request) {
    String expected = token;
    if (silent) {
      return;
    }
    if (expected != null && !("Bearer " + expected).equals(request.getHeader("Authorization"))) {
      reply(request, 401);
    } else if (HttpMethod.DELETE.equals(request.method())) {
      String session = String.valueOf(request.getHeader(SESSION));
      goodbyes.add(session);
      boolean _ = sessions.remove(session);
      reply(request, 204);
    } else if (HttpMethod.POST.equals(request.method())) {
      request.bodyHandler(body -> take(request, body.toJsonObject()));
    } else {
      reply(request, 405);
    }
  }

  private static void reply(HttpServerRequest request, int status) {
    request.response().setStatusCode(status).end();
  }

  private void take(HttpServerRequest request, JsonObject message) {
    received.add(message);
    String method = message.getString("method", "");
    if (method.equals("initialize")) {
      String session = UUID.randomUUID().toString();
      boolean _ = sessions.add(session);
      request.response().putHeader(SESSION, session);
      answer(request, message, new JsonObject().put("result", initialized()));
      return;
    }
    if (!sessions.contains(String.valueOf(request.getHeader(SESSION)))) {
      reply(request, 404);
      return;
    }
    switch (method) {
      case "tools/list" -> answer(request, message, new JsonObject().put("result", page(message)));
      case "tools/call" -> call(request, message);
      case "notifications/cancelled" -> {
        cancelled.add(message.getJsonObject("params").getLong("requestId"));
        reply(request, 202);
      }
      default -> {
        if (message.containsKey("id") && message.containsKey("method")) {
          answer(request, message, new JsonObject().put("result", new JsonObject()));
        } else {
          reply(request, 202);
        }
      }
    }
  }

  private static JsonObject initialized() {
    return new JsonObject()
        .put("protocolVersion", "2025-11-25")
        .put("capabilities", new JsonObject().put("tools", new JsonObject()))
        .put("serverInfo", new JsonObject().put("name", "stand-in").put("version", "1"));
  }

  private JsonObject page(JsonObject message) {
    JsonObject params = message.getJsonObject("params", new JsonObject());
    int from = Integer.parseInt(params.getString("cursor", "0"));
    List<JsonObject> all = tools.values().stream().map(Tool::specification).toList();
    int to = (int) Math.min(all.size(), (long) from + pageSize);
    JsonObject page = new JsonObject().put("tools", new JsonArray(all.subList(from, to)));
    return to < all.size() ? page.put("nextCursor", String.valueOf(to)) : page;
  }

  private void call(HttpServerRequest request, JsonObject message) {
    Called called = new Called(this, request, message);
    request
        .response()
        .closeHandler(_ -> {
          if (!request.response().ended()) {
            boolean _ = called.gone.complete(null);
          }
        });
    calls.add(called);
    Tool tool = tools.get(called.name());
    if (tool == null) {
      called.error(-32602, "no tool " + called.name());
    } else {
      tool.behaviour().accept(called);
    }
  }

  private void answer(HttpServerRequest request, JsonObject message, JsonObject answer) {
    JsonObject whole =
        new JsonObject().put("jsonrpc", "2.0").put("id", message.getValue("id")).mergeIn(answer);
    HttpServerResponse response = request.response();
    if (!asEvents) {
      response.putHeader("Content-Type", "application/json").end(whole.toBuffer());
      return;
    }
    response.setChunked(true).putHeader("Content-Type", "text/event-stream");
    Buffer events = Buffer.buffer(": a comment\r\n\r\nevent: message\nid: 1\ndata:\n\n");
    events.appendString(
        event("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}")
            + event("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}")
            + "data: "
            + whole.encodePrettily().replace("\n", "\ndata: ")
            + "\n\n");
    response.write(events);
  }

  private static String event(String data) {
    return "event: message\ndata: " + data + "\n\n";
  }

  /// Goes away, with all its connections. Idempotent.
  @Override
  public void close() {
    if (closed.complete(null)) {
      wait(server.close().toCompletionStage().toCompletableFuture());
      wait(vertx.close().toCompletionStage().toCompletableFuture());
    }
  }
}
