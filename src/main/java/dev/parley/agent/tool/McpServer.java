package dev.parley.agent.tool;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where an MCP server is, or how it is started; one of both.
///
/// @param name letters, digits and `-`, 32 at most: its tools' names begin with it
/// @param url of the endpoint for streamable HTTP; absent: it is started by `command`
/// @param bearerToken sent with each request to the URL; absent: none is
/// @param command program and arguments of a server that is spoken to on its standard input and
///   output; empty: it is at `url`
/// @param environment what the started server finds in its environment, beside the few variables
///   that every program needs; nothing else of the node's, where secrets are
/// @param timeout for the server to be reached and to say what tools it has; how long a call may
///   take is for [ToolLimits]
/// @param checkInterval how often it is asked for its tools, and found to be away
/// @param retryPauseMax how long it is left alone at most when it is away
/// @param messageBytesMax of one message of it, more than which is not read
public record McpServer(
    String name,
    @Nullable String url,
    @Nullable String bearerToken,
    List<String> command,
    Map<String, String> environment,
    Duration timeout,
    Duration checkInterval,
    Duration retryPauseMax,
    int messageBytesMax) {
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  public McpServer {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (!ToolNames.isForServers(name)) {
      throw new IllegalArgumentException(
          "an MCP server's name is made of letters, digits and -, 32 at most: " + name);
    }
    if ((url == null) == command.isEmpty()) {
      throw new IllegalArgumentException(
          "MCP server " + name + " needs either a URL or a command that starts it");
    }
    if (url != null && !isHttp(url)) {
      throw new IllegalArgumentException(
          "MCP server " + name + " needs a URL of HTTP, without an account");
    }
    if (bearerToken != null && !TOKEN.matcher(bearerToken).matches()) {
      throw new IllegalArgumentException(
          "the bearer token of MCP server " + name + " has characters that no token has");
    }
    if (!timeout.isPositive()
        || !checkInterval.isPositive()
        || !retryPauseMax.isPositive()
        || messageBytesMax < 1) {
      throw new IllegalArgumentException("MCP server " + name + " needs time and room");
    }
  }

  private static boolean isHttp(String url) {
    try {
      URI uri = URI.create(url);
      return uri.getHost() != null
          && uri.getUserInfo() == null
          && ("http".equalsIgnoreCase(uri.getScheme())
              || "https".equalsIgnoreCase(uri.getScheme()));
    } catch (IllegalArgumentException noUrl) {
      return false;
    }
  }

  /// Without what may be secret.
  @Override
  public String toString() {
    return "McpServer[" + name + "]";
  }
}
