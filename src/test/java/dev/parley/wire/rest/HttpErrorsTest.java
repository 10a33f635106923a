package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What HTTP itself refuses, said byte by byte: clients correct what they send.
@QuarkusTest
@WithTestResource(PostgresResource.class)
@SuppressWarnings("NullAway.Init")
class HttpErrorsTest {
  private static final int PATIENCE_MS = 20_000;

  @TestHTTPResource("/")
  URI server;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404|GET /api/no-such|",
        "404|GET /api|",
        "404|GET /api/sessions/a:b:c/no-such|",
        "404|GET /api/rpc/more|",
        "405|DELETE /api/sessions|",
        "405|PUT /api/sessions/a:b:c|",
        "405|GET /api/rpc|",
        "405|BREW /api/sessions|",
        "406|GET /api/sessions?userId=u|Accept: text/html",
        "415|POST /api/sessions|Content-Type: text/plain",
        "415|POST /api/sessions|Content-Type: (",
        "415|PATCH /api/sessions/a:b:c|Content-Type: text/plain",
        "404|GET /api/%00|",
        "400|GET ?api|",
        "400|GET ?ws|Upgrade: websocket",
        "404|GET ws|Upgrade: websocket",
        "406|GET /api/sessions|Accept: (",
      })
  void answersAProblem(int status, String requestLine, String header) throws IOException {
    assertProblem(ask(requestLine, header == null ? "" : header + "\r\n", ""), status);
  }

  @Test
  void answersAProblemToABodyThatIsTooLarge() throws IOException {
    String headers = "Content-Type: application/json\r\nContent-Length: 99999999\r\n";
    assertProblem(ask("POST /api/sessions", headers, ""), 413);
    assertProblem(ask("POST /api/rpc", headers, ""), 413);
  }

  @Test
  void answersAProblemToABodyThatTurnsOutTooLarge() throws IOException {
    String chunk = "100000\r\n" + " ".repeat(1 << 20) + "\r\n";
    assertProblem(
        ask(
            "POST /api/sessions",
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
            chunk.repeat(18) + "0\r\n\r\n"),
        413);
  }

  /// The HTTP server answers those before any route is asked: see docs/protocol.md.
  @ParameterizedTest
  @CsvSource({"400, /api/%zz", "400, /api/sessions?userId=%", "414, /api/sessions?userId=LONG"})
  void leavesAnAddressThatCannotBeReadToTheServer(int status, String address) throws IOException {
    assertThat(ask("GET " + address.replace("LONG", "u".repeat(5000)), "", ""))
        .matches("(?s)HTTP/1\\.[01] " + status + " .*\r\n\r\n");
  }

  private static void assertProblem(String answer, int status) {
    String head = answer.split("\r\n\r\n", 2)[0].toLowerCase(Locale.ROOT);
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    assertThat(head).contains("content-type: application/problem+json");
    assertThat(answer).contains("\"status\":" + status);
  }

  private String ask(String requestLine, String headers, String body) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(PATIENCE_MS);
      String request =
          requestLine + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + headers + "\r\n" + body;
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // the answer came before the end of what is said, which is what is asked for
      }
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
