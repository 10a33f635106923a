package dev.parley.agent.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.agent.ToolName;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ToolNamesTest {
  private final ToolNames names =
      new ToolNames(Set.of("current_time", "add"), List.of("files", "my-git"));

  @Test
  void aServersToolBeginsWithTheServersName() {
    assertThat(ToolNames.ofServer("files", "read_file")).isEqualTo("files_read_file");
    assertThat(names.server("files_read_file")).isEqualTo("files");
    assertThat(names.server("my-git_log")).isEqualTo("my-git");
    assertThat(names.server("current_time")).isNull();
    assertThat(names.server("files_")).isNull();
    assertThat(names.server("files")).isNull();
  }

  @Test
  void aNameThatModelsDoNotTakeIsMadeOneThatTheyDo() {
    String dotted = ToolNames.ofServer("files", "read.file");
    String slashed = ToolNames.ofServer("files", "read/file");
    assertThat(dotted).matches("files_read_file_[0-9a-f]{8}").isNotEqualTo(slashed);
    assertThat(ToolNames.ofServer("files", "read.file")).isEqualTo(dotted);

    String longest = ToolNames.ofServer("files", "x".repeat(58));
    String longer = ToolNames.ofServer("files", "x".repeat(59));
    assertThat(longest).hasSize(64).endsWith("x");
    assertThat(longer).matches("files_x{49}_[0-9a-f]{8}");
    assertThat(names.server(ToolNames.ofServer("s".repeat(32), "ü".repeat(99)))).isNull();
    assertThat(ToolNames.ofServer("s".repeat(32), "ü".repeat(99)))
        .startsWith("s".repeat(32) + "_")
        .matches(ToolName::isUsable);
  }

  @Test
  void settlesOnWhatMayBeConfigured() {
    assertThat(names.settled("*")).isEqualTo("*");
    assertThat(names.settled("add")).isEqualTo("add");
    assertThat(names.settled("files.*")).isEqualTo("files.*");
    assertThat(names.settled("files_read_file")).isEqualTo("files_read_file");
    String seen = ToolNames.ofServer("files", "read.file");
    assertThat(names.settled("files_read.file")).isEqualTo(seen);
    assertThat(names.settled(seen)).isEqualTo(seen);
  }

  @Test
  void refusesWhatCannotBe() {
    for (String none : List.of("", "sub", "files", "files_", "other.*", "add.*", ".*", "other_x")) {
      assertThatThrownBy(() -> names.settled(none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("there is no tool " + none);
    }
  }

  @Test
  void theMostExactNameCoversFirst() {
    assertThat(names.covering("add")).containsExactly("add", "*");
    assertThat(names.covering("files_x")).containsExactly("files_x", "files.*", "*");
    assertThat(names.covering("other_x")).isEmpty();
  }

  @Test
  void refusesNamesThatTwoCouldHave() {
    assertThatThrownBy(() -> new ToolNames(Set.of(), List.of("a", "a")))
        .hasMessage("two MCP servers are called a");
    assertThatThrownBy(() -> new ToolNames(Set.of("files_x"), List.of("files")))
        .hasMessage("the tool files_x of a bean is called like those of the MCP server files");
  }
}
