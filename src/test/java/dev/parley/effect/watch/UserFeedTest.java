package dev.parley.effect.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.session.SessionKey;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// Which wakes a user's feed takes for lost.
class UserFeedTest {
  private static final SessionKey KEY = new SessionKey("user", "demo", "t");
  private static final Instant FIRST = Instant.ofEpochSecond(1);
  private static final Instant SECOND = Instant.ofEpochSecond(2);

  private final UserFeed feed = new UserFeed("user");

  @Test
  void whatNoWakeToldOfByTheNextSweepIsLost() {
    feed.begun(FIRST);
    assertThat(feed.swept(SECOND)).as("it may be on its way").isFalse();
    assertThat(feed.swept(SECOND)).isTrue();
    assertThat(feed.swept(SECOND)).as("told once").isFalse();
  }

  @Test
  void whatAWakeToldOfIsNotLost() {
    feed.begun(FIRST);
    assertThat(feed.swept(SECOND)).isFalse();
    feed.changed(KEY, SECOND);
    assertThat(feed.swept(SECOND)).isFalse();
  }

  @Test
  void nothingIsLostBeforeTheFirstList() {
    assertThat(feed.swept(SECOND)).isFalse();
    assertThat(feed.swept(SECOND)).isFalse();
  }

  @Test
  void theFirstListTellsOfWhatItHoldsThoughAWakeCameBeforeIt() {
    feed.changed(KEY, FIRST);
    feed.begun(SECOND);
    assertThat(feed.swept(SECOND)).isFalse();
    assertThat(feed.swept(SECOND)).isFalse();
  }

  @Test
  void anOlderListTakesNothingBackThatAWakeToldOf() {
    feed.changed(KEY, SECOND);
    feed.begun(FIRST);
    assertThat(feed.swept(SECOND)).isFalse();
    assertThat(feed.swept(SECOND)).isFalse();
  }

  @Test
  void laterListsAreOfOneWatchOnly() {
    feed.begun(FIRST);
    feed.begun(SECOND);
    assertThat(feed.swept(SECOND)).isFalse();
    assertThat(feed.swept(SECOND)).as("the others were not told").isTrue();
  }
}
