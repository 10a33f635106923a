package dev.parley.agent.tool.mcp;

import org.jspecify.annotations.Nullable;

/// Why an MCP server could not be asked. Its message quotes nothing that either side has said.
final class McpFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int CAUSES_MAX = 8;

  private McpFailure(String message) {
    super(message, null, false, false);
  }

  static McpFailure unreachable() {
    return new McpFailure("the server cannot be reached");
  }

  static McpFailure lost() {
    return new McpFailure("the connection to the server was lost before it had answered");
  }

  static McpFailure refused(int status) {
    return new McpFailure("the server answered with HTTP status " + status);
  }

  static McpFailure tooLong(int bytesMax) {
    return new McpFailure("the server said more than " + bytesMax + " bytes at once");
  }

  static McpFailure unreadable() {
    return new McpFailure("the server's answer cannot be read");
  }

  static McpFailure oddTools() {
    return new McpFailure("the server's list of tools cannot be read");
  }

  static McpFailure tooManyPages() {
    return new McpFailure("the server's list of tools does not end");
  }

  static McpFailure deaf() {
    return new McpFailure("the server does not read what it is sent");
  }

  /// The one that a failure goes back to; absent: it goes back to something else.
  static @Nullable McpFailure behind(Throwable failure) {
    @Nullable Throwable at = failure;
    for (int i = 0; i < CAUSES_MAX && at != null; i++) {
      if (at instanceof McpFailure found) {
        return found;
      }
      at = at.getCause();
    }
    return null;
  }
}
