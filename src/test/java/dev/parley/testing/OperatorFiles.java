package dev.parley.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What operators are given beside the program: the dashboard, the alert rules, and the page that
/// explains every number.
public final class OperatorFiles {
  private static final Path DASHBOARD = Path.of("deploy", "grafana", "dashboards", "parley.json");
  private static final Path ALERTS = Path.of("deploy", "prometheus", "alerts.yml");
  private static final Path PAGE = Path.of("docs", "operations.md");

  private static final Pattern METRIC = Pattern.compile("\\bparley_[a-z_]+\\b");

  /// What Prometheus adds to the name of a timer or a summary.
  private static final List<String> SUFFIXES = List.of("_count", "_sum", "_max", "_bucket");

  private OperatorFiles() {}

  public static JsonNode dashboard() throws IOException {
    return new ObjectMapper().readTree(Files.readString(DASHBOARD));
  }

  /// The alerting rules, one by one.
  public static List<JsonNode> alerts() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    for (JsonNode group : new YAMLMapper().readTree(Files.readString(ALERTS)).path("groups")) {
      group.path("rules").forEach(rules::add);
    }
    return rules;
  }

  public static String page() throws IOException {
    return Files.readString(PAGE);
  }

  /// The metrics of Parley that the dashboard shows.
  public static Set<String> namesInDashboard() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String expression : dashboard().findValuesAsText("expr")) {
      names.addAll(names(expression));
    }
    return names;
  }

  /// Those that alerts are about.
  public static Set<String> namesInAlerts() throws IOException {
    Set<String> names = new TreeSet<>();
    for (JsonNode rule : alerts()) {
      names.addAll(names(rule.path("expr").asText()));
    }
    return names;
  }

  /// Those that the page explains.
  public static Set<String> namesExplained() throws IOException {
    return names(page());
  }

  /// The name of a metric as it is explained, without what belongs to one of its series.
  public static String withoutSuffix(String name, Set<String> explained) {
    return SUFFIXES.stream()
        .filter(name::endsWith)
        .map(suffix -> name.substring(0, name.length() - suffix.length()))
        .filter(explained::contains)
        .findFirst()
        .orElse(name);
  }

  private static Set<String> names(String text) {
    Set<String> names = new TreeSet<>();
    Matcher found = METRIC.matcher(text);
    while (found.find()) {
      names.add(found.group());
    }
    return names;
  }
}
