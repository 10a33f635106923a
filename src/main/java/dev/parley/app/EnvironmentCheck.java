package dev.parley.app;

import io.smallrye.config.SecretKeys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/// Sees that no variable of the environment is passed over that was to set something of an agent, a
/// tool or an MCP server. The library finds such a variable by its name only where the agent's, the
/// tool's or the server's is one word, stands between doubled underscores, or is in a file too; of
/// any other it says nothing, and a tool would run that somebody was to agree to.
final class EnvironmentCheck {

  /// What can be set of each.
  static final Map<String, List<String>> SETTINGS =
      Map.of(
          "parley.agents",
          List.of(
              "provider",
              "model",
              "base-url",
              "api-key",
              "api-key-file",
              "system-prompt",
              "temperature",
              "max-tokens",
              "thinking-budget",
              "tools",
              "history-tokens",
              "history-messages",
              "timeout",
              "on-crash",
              "steps-max",
              "turn-tokens-max",
              "session-tokens-max",
              "user-day-tokens-max",
              "webhook.url",
              "webhook.secret",
              "webhook.secret-file",
              "webhook.timeout"),
          "parley.tools",
          List.of("timeout", "concurrency-max", "waiting-max", "output-bytes-max", "approval"),
          "parley.mcp",
          List.of(
              "url",
              "bearer-token",
              "bearer-token-file",
              "command",
              "timeout",
              "check-interval",
              "retry-pause-max",
              "message-bytes-max"));

  /// What a started MCP server finds in its environment: a name of somebody else's choice.
  private static final String FREE = "environment";

  private static final Pattern NO_WORD = Pattern.compile("[^A-Za-z0-9]");

  private static final Pattern EDGES = Pattern.compile("^_+|_+$");

  private EnvironmentCheck() {}

  /// @param variables of the environment
  /// @param config all that is configured, by the environment too
  /// @throws StartRefusedException one of the variables would set something, and does not
  static void check(Collection<String> variables, Config config) {
    List<String> properties = new ArrayList<>();
    // The names of secrets are not told otherwise.
    SecretKeys.doUnlocked(() -> config.getPropertyNames().forEach(properties::add));
    SETTINGS.forEach((group, settings) -> {
      Set<String> owners = owners(group, settings, properties);
      Pattern setting =
          Pattern.compile(variable(group) + "_(.+)_(?:" + alternatives(settings) + ")");
      for (String variable : variables) {
        Matcher found = setting.matcher(variable(variable));
        if (found.matches() && !isHeard(found.group(), owners, settings)) {
          throw new StartRefusedException(
              "%s sets nothing: a name of several words is written %s__%s__…, and one with other"
                      .formatted(variable, variable(group), bare(found.group(1)))
                  + " characters has to stand in config/application.properties too");
        }
      }
    });
  }

  /// What a variable is called that sets a property.
  static String variable(String property) {
    return NO_WORD.matcher(property).replaceAll("_").toUpperCase(Locale.ROOT);
  }

  /// What the variables begin with that are about something that has a property by now.
  private static Set<String> owners(
      String group, List<String> settings, Collection<String> properties) {
    Pattern known =
        Pattern.compile(
            "(%s\\.(?:\"[^\"]+\"|[^.\"]+)\\.)(?:(?:%s)(?:\\[\\d+])?|%s\\..+)"
                .formatted(
                    Pattern.quote(group),
                    String.join("|", settings.stream().map(Pattern::quote).toList()),
                    FREE));
    Set<String> owners = new HashSet<>();
    for (String property : properties) {
      Matcher one = known.matcher(property);
      if (one.matches()) {
        owners.add(variable(one.group(1)));
      }
    }
    return owners;
  }

  private static boolean isHeard(String variable, Set<String> owners, List<String> settings) {
    return owners.stream()
        .filter(variable::startsWith)
        .map(owner -> variable.substring(owner.length()))
        .anyMatch(rest ->
            rest.startsWith(variable(FREE + "."))
                || settings.stream().anyMatch(setting -> variable(setting).equals(rest)));
  }

  private static String alternatives(List<String> settings) {
    return String.join("|", settings.stream().map(EnvironmentCheck::variable).toList());
  }

  private static String bare(String name) {
    return EDGES.matcher(name).replaceAll("");
  }
}
