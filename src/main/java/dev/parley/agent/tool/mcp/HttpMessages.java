package dev.parley.agent.tool.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Streamable HTTP, without the stream that a server may open of its own accord: what it tells, it
/// tells with an answer. Each request has a virtual thread.
///
/// Source: modelcontextprotocol.io, Transports, 2025-11-25.
final class HttpMessages extends MessageTransport {
  /// Messages without an answer on their way at once; what is more, is not sent.
  private static final int TELLS_MAX = 32;

  private static final Duration GOODBYE_MAX = Duration.ofSeconds(1);
  private static final int STATUS_OK = 200;
  private static final int STATUS_REDIRECTED = 300;
  private static final String SESSION = "Mcp-Session-Id";
  private static final String EVENTS = "text/event-stream";

  private final URI url;
  private final @Nullable String bearerToken;
  private final Semaphore tells = new Semaphore(TELLS_MAX);
  private final HttpClient http;
  private volatile @Nullable String session;

  HttpMessages(URI url, @Nullable String bearerToken, McpPeer.Settings settings, Runnable changed) {
    super(settings, changed);
    this.url = url;
    this.bearerToken = bearerToken;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  @Override
  void ask(JsonNode message, CompletableFuture<JsonNode> answer) {
    Thread thread = thread(() -> exchange(message, answer));
    CompletableFuture<?> _ =
        answer.whenComplete((_, _) -> {
          if (!thread.equals(Thread.currentThread())) {
            thread.interrupt();
          }
        });
    thread.start();
  }

  private Thread thread(Runnable work) {
    return Thread.ofVirtual().name("mcp-" + settings().name() + "-http").unstarted(work);
  }

  private void exchange(JsonNode message, CompletableFuture<JsonNode> answer) {
    McpFailure failure = McpFailure.lost();
    try {
      HttpResponse<InputStream> response =
          http.send(request(message).build(), BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        int status = response.statusCode();
        if (status < STATUS_OK || status >= STATUS_REDIRECTED) {
          failure = McpFailure.refused(status);
        } else {
          response.headers().firstValue(SESSION).ifPresent(given -> session = given);
          read(response, body, answer);
        }
      }
    } catch (McpFailure e) {
      failure = e;
    } catch (InterruptedException e) {
      // the answer is complete
    } catch (ConnectException | HttpTimeoutException e) {
      failure = McpFailure.unreachable();
    } catch (IOException e) {
      // lost
    } finally {
      boolean _ = answer.completeExceptionally(failure);
    }
  }

  private void read(
      HttpResponse<InputStream> response, InputStream body, CompletableFuture<JsonNode> answer)
      throws IOException {
    int bytesMax = settings().messageBytesMax();
    if (response.headers().firstValue("Content-Type").orElse("").startsWith(EVENTS)) {
      BoundedLines lines = new BoundedLines(body, bytesMax);
      for (String data = event(lines); data != null && !answer.isDone(); data = event(lines)) {
        receive(data);
      }
      return;
    }
    byte[] bytes = body.readNBytes(bytesMax);
    if (bytes.length == bytesMax && body.read() >= 0) {
      throw McpFailure.tooLong(bytesMax);
    }
    receive(new String(bytes, StandardCharsets.UTF_8));
  }

  /// The data of the next event that has any.
  private @Nullable String event(BoundedLines lines) throws IOException {
    StringBuilder data = new StringBuilder();
    for (String line = lines.next(); line != null; line = lines.next()) {
      if (line.isEmpty() && !data.isEmpty()) {
        return data.toString();
      }
      if (line.startsWith("data:")) {
        data.append(line, line.startsWith("data: ") ? 6 : 5, line.length()).append('\n');
      }
      if (data.length() > settings().messageBytesMax()) {
        throw McpFailure.tooLong(settings().messageBytesMax());
      }
    }
    return null;
  }

  private HttpRequest.Builder request(JsonNode message) {
    return request()
        .header("Content-Type", "application/json")
        .header("Accept", "application/json, " + EVENTS)
        .POST(BodyPublishers.ofString(message.toString()));
  }

  private HttpRequest.Builder request() {
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    if (bearerToken != null) {
      request.header("Authorization", "Bearer " + bearerToken);
    }
    @Nullable String name = session;
    if (name != null) {
      request.header(SESSION, name);
    }
    @Nullable String version = protocolVersion();
    if (version != null) {
      request.header("MCP-Protocol-Version", version);
    }
    return request;
  }

  @Override
  CompletableFuture<?> tell(JsonNode message) {
    if (!tells.tryAcquire()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> told = new CompletableFuture<>();
    thread(
            () -> {
              try {
                HttpResponse<Void> _ =
                    http.send(
                        request(message).timeout(settings().timeout()).build(),
                        BodyHandlers.discarding());
              } catch (IOException | InterruptedException e) {
                // a request that needs an answer will notice
              } finally {
                tells.release();
                boolean _ = told.complete(null);
              }
            })
        .start();
    return told;
  }

  /// Ends the session, if the server gave one and hears of it in time. Blocks at most as long.
  @Override
  public void close() {
    try {
      if (session != null) {
        HttpResponse<Void> _ =
            http.send(request().timeout(GOODBYE_MAX).DELETE().build(), BodyHandlers.discarding());
      }
    } catch (IOException e) {
      // it finds out by itself
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      http.shutdownNow();
      lose(McpFailure.lost());
    }
  }
}
