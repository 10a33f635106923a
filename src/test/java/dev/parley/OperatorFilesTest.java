package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.testing.OperatorFiles;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The dashboard and the alerts can be loaded, and say what they are about. That their metrics
/// exist is seen by [MetricsIT].
class OperatorFilesTest {
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  @Test
  void everyAlertSaysWhatItIsAndWhereToReadOn() throws Exception {
    Set<String> anchors = new TreeSet<>();
    HEADING
        .matcher(OperatorFiles.page())
        .results()
        .forEach(
            heading -> anchors.add(heading.group(1).toLowerCase(Locale.ROOT).replace(' ', '-')));
    assertThat(OperatorFiles.alerts())
        .isNotEmpty()
        .allSatisfy(rule -> {
          String name = rule.path("alert").asText();
          assertThat(name).startsWith("Parley");
          assertThat(rule.path("expr").asText()).as(name).isNotBlank();
          assertThat(rule.path("for").asText()).as(name).matches("\\d+[smh]");
          assertThat(rule.path("labels").path("severity").asText())
              .as(name)
              .isIn("critical", "warning");
          assertThat(rule.path("annotations").path("summary").asText()).as(name).isNotBlank();
          String runbook = rule.path("annotations").path("runbook_url").asText();
          assertThat(runbook).as(name).contains("docs/operations.md#");
          assertThat(anchors).contains(runbook.substring(runbook.indexOf('#') + 1));
        });
  }

  @Test
  void everyPanelShowsSomethingFromTheSourceThatIsChosen() throws Exception {
    JsonNode dashboard = OperatorFiles.dashboard();
    assertThat(dashboard.path("templating").path("list").path(0).path("type").asText())
        .isEqualTo("datasource");
    assertThat(dashboard.path("panels")).isNotEmpty();
    for (JsonNode panel : dashboard.path("panels")) {
      String title = panel.path("title").asText();
      if (panel.path("type").asText().equals("row")) {
        continue;
      }
      assertThat(panel.path("datasource").path("uid").asText())
          .as(title)
          .isEqualTo("${datasource}");
      assertThat(panel.path("targets")).as(title).isNotEmpty();
      assertThat(panel.path("description").asText()).as(title).isNotBlank();
    }
    assertThat(OperatorFiles.namesExplained())
        .allSatisfy(name -> assertThat(name).startsWith("parley_"));
  }
}
