package dev.parley.testing.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class JudgesTest {
  private final RpcDebts debts = new RpcDebts(new Transcripts("u", "t", 0));

  @Test
  void oneRequestIsOwedOneExit() {
    say("{\"_tag\":\"Requ");
    say("est\",\"id\":1,\"tag\":\"session.get\"}\n");
    assertThat(debts.open()).containsExactly("1 Requests of id n1 have 0 Exits");
    debts.heard("{\"_tag\":\"Exit\",\"requestId\":\"1\",\"exit\":{}}\n");
    assertThat(debts.open()).hasSize(1);
    debts.heard("{\"_tag\":\"Pong\"}\n{\"_tag\":\"Exit\",\"requestId\":1,\"exit\":{}}\n");
    assertThat(debts.open()).isEmpty();
    debts.heard("{\"_tag\":\"Exit\",\"requestId\":1,\"exit\":{}}\n");
    assertThat(debts.open()).containsExactly("1 Requests of id n1 have 2 Exits");
  }

  @Test
  void aStreamIsOwedItsEndOnceItIsInterrupted() {
    say("{\"_tag\":\"Request\",\"id\":\"\\u0061\",\"tag\":\"chat.subscribe\"}\n");
    assertThat(debts.isQuiet()).isTrue();
    assertThat(debts.farewells()).containsExactly("{\"_tag\":\"Interrupt\",\"requestId\":\"a\"}");
    assertThat(debts.open()).hasSize(1);
  }

  @Test
  void anInterruptNamesHalfASurrogatePairAsItWas() {
    say("{\"_tag\":\"Request\",\"id\":\"\\ud83d\",\"tag\":\"chat.subscribe\"}\n");
    assertThat(debts.farewells())
        .containsExactly("{\"_tag\":\"Interrupt\",\"requestId\":\"\\ud83d\"}");
  }

  @Test
  void nothingIsOwedToWhatIsNoRequest() {
    say("{\"_tag\":\"Request\",\"id\":1.5}\n{\"_tag\":\"Request\",\"id\":1\n[1]\nnull\n");
    say("{\"_tag\":\"Request\",\"id\":1,\"isNotification\":true}\n{\"_tag\":\"Ack\",\"id\":1}\n");
    assertThat(debts.open()).isEmpty();
  }

  @Test
  void aMessageOfAThreadIsOwedOneLastFrame() {
    Transcripts own = new Transcripts("u", "t", 0);
    ThreadDebts thread = new ThreadDebts(own);
    thread.sent(own.threadFrames().getFirst().getBytes(StandardCharsets.UTF_8), true);
    assertThat(thread.open()).hasSize(1);
    thread.heard("{\"type\":\"token\",\"requestId\":\"r-0\",\"value\":\"x\"}");
    assertThat(thread.open()).hasSize(1);
    thread.heard("{\"type\":\"final\",\"requestId\":\"r-0\",\"message\":\"x\"}");
    assertThat(thread.open()).isEmpty();
    thread.heard("{\"type\":\"cancelled\",\"requestId\":\"r-0\"}");
    assertThat(thread.open()).hasSize(1);
  }

  @Test
  void aLogMayNotTellOfErrorsNorQuoteClients() {
    String begin = "2026-01-01 00:00:00,000 ";
    assertThat(ServerLog.judge(begin + "INFO  [x] (main) ready\n\tat x.Y(Z)\n")).isEmpty();
    assertThat(ServerLog.judge(begin + "ERROR [x] (main) oh\n")).hasSize(1);
    assertThat(ServerLog.judge(begin + "WARN  [x] (main) a.BException: c\n")).hasSize(1);
    assertThat(ServerLog.judge(begin + "INFO  [x] (main) " + Transcripts.MARK + "\n")).hasSize(1);
  }

  @Test
  void theSameSeedGivesTheSameEpisode() {
    assertThat(frames(1, 3)).isEqualTo(frames(1, 3)).isNotEqualTo(frames(1, 4));
    assertThat(frames(2, 3)).isNotEqualTo(frames(1, 3));
  }

  private static int frames(long seed, long number) {
    int hash = 0;
    for (int i = 0; i < 50; i++) {
      Episode episode = Episode.of(seed, number + 100L * i);
      hash = Arrays.hashCode(new int[] {hash, episode.frames(), episode.toString().hashCode()});
    }
    return hash;
  }

  private void say(String lines) {
    debts.sent(lines.getBytes(StandardCharsets.UTF_8), true);
  }
}
