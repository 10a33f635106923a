package dev.parley.testing.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Judges what a server has logged: nothing of errors or exceptions, and no words of a client.
final class ServerLog {
  private static final Pattern BEGIN = Pattern.compile("^\\d{4}-\\d\\d-\\d\\d ");
  private static final Pattern TROUBLE =
      Pattern.compile("\\b(ERROR|FATAL)\\b|WARN\\b.*[\\w.]+(Exception|Error)\\b");

  /// What others say of connections that break, which no code of ours sees.
  private static final List<String> EXPECTED =
      List.of(
          // A machine that is busy with this and other tests.
          "[io.vertx.core.impl.BlockedThreadChecker]",
          // Netty: a reset, or an HTTP version that is none, before anybody listens.
          "An exceptionCaught() event was fired, and it reached at the tail of the pipeline",
          // Quarkus: an upgrade over HTTP/1.1 without a host.
          "the 'Host' header is required",
          // Quarkus: a socket that was reset between its upgrade and the first handler it is given.
          "Uncaught exception received by Vert.x: java.lang.IllegalStateException: WebSocket is closed",
          // Vert.x 4.5: a second request behind one that is being answered, on a connection that
          // is cut.
          "Http1xServerResponse.ended()\" because \"this.response\" is null");

  /// Lines that are shown.
  private static final int SHOWN_MAX = 60;

  /// Of them, what tells of one trouble: the first lines of its stack trace.
  private static final int TRACE_MAX = 12;

  private ServerLog() {}

  static List<String> judge(String log) {
    List<String> wrong = new ArrayList<>();
    int trace = 0;
    for (String line : log.lines().toList()) {
      if (BEGIN.matcher(line).find()) {
        boolean trouble =
            TROUBLE.matcher(line).find() && EXPECTED.stream().noneMatch(line::contains);
        trace = trouble ? TRACE_MAX : 0;
      }
      if (trace > 0 && wrong.size() < SHOWN_MAX) {
        wrong.add("logged: " + line);
        trace--;
      }
    }
    log.lines()
        .filter(line -> line.contains(Transcripts.MARK))
        .limit(SHOWN_MAX)
        .forEach(line -> wrong.add("quoted a client: " + line));
    return wrong;
  }
}
