package dev.parley.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Lines carry what they are about, and nothing of what clients said.
class FieldLogTest {
  private static final Fields ALL = new Fields("connection", "17", "user:demo:thread", "01TURN");

  private final List<LogRecord> told = new ArrayList<>();
  private final Logger logger = Logger.getLogger(FieldLogTest.class.getName());
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          told.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
  }

  @Test
  void carriesTheFieldsInTheLineItself() {
    FieldLog.of(FieldLogTest.class).infof(ALL, "%d things", 3);
    ExtLogRecord line = (ExtLogRecord) told.getFirst();
    assertThat(line.getMessage()).isEqualTo("3 things");
    assertThat(line.getMdcCopy())
        .isEqualTo(
            Map.of(
                "connectionId", "connection",
                "requestId", "17",
                "sessionKey", "user:demo:thread",
                "turnId", "01TURN"));
  }

  @Test
  void leavesOutWhatTheLineIsNotAbout() {
    FieldLog.of(FieldLogTest.class).warnf(Fields.NONE, "nothing");
    assertThat(((ExtLogRecord) told.getFirst()).getMdcCopy()).isEmpty();
  }

  @Test
  void leavesOutWhatAClientChoseAndIsNotPlain() {
    for (String chosen : List.of("", "a b", "\"quoted\"", "line\nbreak", "ä", "x".repeat(65))) {
      assertThat(ALL.withRequest(chosen).requestId()).as(chosen).isNull();
    }
    assertThat(ALL.withRequest("x".repeat(64)).requestId()).isNotNull();
    assertThat(ALL.withSession("a user").sessionKey()).isNull();
    assertThat(ALL.withSession("only-a-user").sessionKey()).isNull();
  }

  @Test
  void showsWhereAFailureHappenedAndNotWhatItSays() {
    Throwable failure =
        new IllegalStateException("secret", new IOException("a secret that was sent"));
    FieldLog.of(FieldLogTest.class).errorf(Fields.NONE, failure, "It failed");
    Throwable shown = told.getFirst().getThrown();
    assertThat(shown).hasMessage("java.lang.IllegalStateException");
    assertThat(shown.getCause()).hasMessage("java.io.IOException");
    assertThat(shown.getStackTrace()).isEqualTo(failure.getStackTrace());
  }

  @Test
  void namesFailuresByTheirClassesAndByWhatIsKnownToBeHarmless() {
    assertThat(Failures.named(new IOException("secret"))).isEqualTo("IOException");
    assertThat(Failures.named(new IllegalStateException("x", new ConnectException("refused"))))
        .isEqualTo("IllegalStateException, because of ConnectException (refused)");
    assertThat(Failures.named(new IllegalStateException("SQLSTATE 57P01")))
        .isEqualTo("IllegalStateException (SQLSTATE 57P01)");
  }
}
