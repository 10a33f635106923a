package dev.parley.agent.tool;

import dev.parley.agent.ToolName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What tools are called: by models, and by those who configure which an agent may use.
///
/// For a model a tool of an MCP server is `<server>_<tool>`. Models take letters, digits, `_` and
/// `-`, 64 at most: a name with anything else in it has `_` there instead, is cut, and ends with
/// `_` and the first eight hexadecimal digits of the SHA-256 of the server's own name for the tool.
///
/// Whoever configures writes a tool's name, with `<tool>` as the server or as the model has it;
/// `<server>.*` for all of a server; `*` for all there are.
final class ToolNames {
  static final String ALL = "*";

  private static final String ALL_OF_SERVER = ".*";
  private static final char SEPARATOR = '_';
  private static final int DIGITS = 8;
  private static final Pattern OF_SERVERS = Pattern.compile("[a-zA-Z0-9-]{1,32}");
  private static final Pattern NOT_FOR_MODELS = Pattern.compile("[^a-zA-Z0-9_-]");

  private final Set<String> beans;
  private final Set<String> servers = new HashSet<>();

  /// @throws IllegalArgumentException two servers have one name, or a bean's tool has one that a
  ///   server's could have
  ToolNames(Set<String> beans, List<String> servers) {
    this.beans = Set.copyOf(beans);
    for (String server : servers) {
      if (!this.servers.add(server)) {
        throw new IllegalArgumentException("two MCP servers are called " + server);
      }
    }
    for (String bean : beans) {
      @Nullable String server = server(bean);
      if (server != null) {
        throw new IllegalArgumentException(
            "the tool " + bean + " of a bean is called like those of the MCP server " + server);
      }
    }
  }

  static boolean isForServers(String name) {
    return OF_SERVERS.matcher(name).matches();
  }

  /// What a server's tool is called for models.
  static String ofServer(String server, String tool) {
    String name = server + SEPARATOR + tool;
    if (ToolName.isUsable(name)) {
      return name;
    }
    String plain = NOT_FOR_MODELS.matcher(name).replaceAll(String.valueOf(SEPARATOR));
    int chars = Math.min(plain.length(), ToolName.CHARS_MAX - DIGITS - 1);
    return plain.substring(0, chars) + SEPARATOR + digits(tool);
  }

  private static String digits(String tool) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(tool.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, DIGITS / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /// The server whose tool this is, if there is one; absent: of none.
  @Nullable String server(String name) {
    int end = name.indexOf(SEPARATOR);
    String server = end < 0 ? "" : name.substring(0, end);
    return servers.contains(server) && end + 1 < name.length() ? server : null;
  }

  /// A configured name as one of those that [#covering] gives.
  ///
  /// @throws IllegalArgumentException there is no such tool, and there cannot be
  String settled(String configured) {
    if (configured.equals(ALL) || beans.contains(configured)) {
      return configured;
    }
    if (configured.endsWith(ALL_OF_SERVER)
        && servers.contains(
            configured.substring(0, configured.length() - ALL_OF_SERVER.length()))) {
      return configured;
    }
    @Nullable String server = server(configured);
    if (server != null) {
      return ofServer(server, configured.substring(server.length() + 1));
    }
    throw new IllegalArgumentException(
        "there is no tool "
            + configured
            + ": no bean has it, and no MCP server is called like its beginning");
  }

  /// Under which names that tool may be configured, the most exact first; none: it is unknown.
  List<String> covering(String name) {
    if (beans.contains(name)) {
      return List.of(name, ALL);
    }
    @Nullable String server = server(name);
    return server == null ? List.of() : List.of(name, server + ALL_OF_SERVER, ALL);
  }
}
