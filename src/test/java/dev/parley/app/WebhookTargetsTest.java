package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.effect.discrete.WebhookTarget;
import io.smallrye.config.SecretKeys;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookTargetsTest {
  private static final String URL = "parley.agents.demo.webhook.url";
  private static final String SECRET = "parley.agents.demo.webhook.secret";
  private static final String SECRET_FILE = "parley.agents.demo.webhook.secret-file";
  private static final String TIMEOUT = "parley.agents.demo.webhook.timeout";
  private static final String HUSH = "hush-hush";

  @Test
  void knowsNoWebhookWithoutConfiguration() {
    assertThat(targets(Map.of())).isEmpty();
  }

  @Test
  void readsTheWebhookOfEachAgent() {
    Map<String, WebhookTarget> targets =
        targets(
            Map.of(
                URL,
                "https://one.example/a?b=c",
                SECRET,
                HUSH,
                "parley.agents.Other-1.webhook.url",
                "http://127.0.0.1:8081/",
                "parley.agents.Other-1.webhook.secret",
                HUSH,
                "parley.agents.Other-1.webhook.timeout",
                "20s"));
    assertThat(targets).containsOnlyKeys("demo", "Other-1");
    assertThat(targets.get("demo"))
        .extracting(WebhookTarget::url, WebhookTarget::timeout)
        .containsExactly(URI.create("https://one.example/a?b=c"), Duration.ofSeconds(10));
    assertThat(targets.get("Other-1"))
        .extracting(WebhookTarget::timeout)
        .isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void readsTheEnvironment() {
    Map<String, String> environment =
        Map.of(
            "PARLEY_AGENTS_DEMO_WEBHOOK_URL",
            "https://one.example/",
            "PARLEY_AGENTS_DEMO_WEBHOOK_SECRET",
            HUSH);
    assertThat(targets(TestConfig.of(Map.of(), environment))).containsOnlyKeys("demo");
  }

  @Test
  void readsTheSecretFromAFile(@TempDir Path dir) throws IOException {
    Path file = Files.writeString(dir.resolve("secret"), "whsec_aHVzaA==\n");
    assertThat(targets(with(Map.of(URL, "https://one.example/", SECRET_FILE, file.toString()))))
        .containsOnlyKeys("demo");
  }

  @Test
  void refusesAWebhookThatNothingSigns() {
    assertRefused(Map.of(URL, "https://one.example/"), SECRET);
  }

  @Test
  void refusesTwoSecrets() {
    assertRefused(
        Map.of(URL, "https://one.example/", SECRET, HUSH, SECRET_FILE, "/some/file"), SECRET);
  }

  @Test
  void refusesAFileThatCannotBeRead(@TempDir Path dir) {
    assertRefused(
        Map.of(URL, "https://one.example/", SECRET_FILE, dir.resolve("absent").toString()),
        SECRET_FILE);
  }

  @Test
  void refusesASecretThatIsNone() {
    assertRefused(Map.of(URL, "https://one.example/", SECRET, "whsec_" + HUSH + "!"), SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://one.example/hush-hush",
        "//one.example/hush-hush",
        "/hush-hush",
        "https:///hush-hush",
        "https://account:hush-hush@one.example/",
        "https://one.example/hush-hush with a space"
      })
  void refusesWhatIsNoAddressWithoutQuotingIt(String url) {
    assertRefused(Map.of(URL, url, SECRET, HUSH), URL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "26s", "1h"})
  void refusesATimeoutThatTheLeaseHasNoRoomFor(String timeout) {
    assertRefused(Map.of(URL, "https://one.example/", SECRET, HUSH, TIMEOUT, timeout), TIMEOUT);
  }

  /// What lists or prints the configuration does not have it.
  @Test
  void keepsTheSecretFromThoseWhoLookAtTheConfiguration() {
    SmallRyeConfig config = with(Map.of(URL, "https://one.example/", SECRET, HUSH, TIMEOUT, "5s"));
    assertThat(targets(config)).hasSize(1);
    List<String> names = new ArrayList<>();
    config.getPropertyNames().forEach(names::add);
    assertThat(names).contains(URL).doesNotContain(SECRET);
    assertThatThrownBy(() -> config.getConfigValue(SECRET).getValue())
        .isInstanceOf(SecurityException.class);
    assertThat(SecretKeys.doUnlocked(() -> config.getConfigValue(SECRET).getValue()))
        .isEqualTo(HUSH);
  }

  private static void assertRefused(Map<String, String> settings, String about) {
    assertThatThrownBy(() -> targets(settings))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(about)
        .hasMessageNotContaining(HUSH);
  }

  private static Map<String, WebhookTarget> targets(Map<String, String> settings) {
    return targets(with(settings));
  }

  private static Map<String, WebhookTarget> targets(SmallRyeConfig config) {
    return new WebhookTargets(config.getConfigMapping(ParleyConfig.class)).byAgent();
  }

  private static SmallRyeConfig with(Map<String, String> settings) {
    return TestConfig.of(settings, Map.of());
  }
}
