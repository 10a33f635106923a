package dev.parley.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testing.OperatorFiles;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The page for operators names every setting, and none that does not exist.
final class SettingsTableTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`parley\\.[^|]*) \\|");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  @Test
  void everySettingHasItsRow() throws IOException {
    Set<String> settings =
        ConfigMappings.getProperties(ConfigClass.configClass(ParleyConfig.class)).keySet().stream()
            .map(name -> name.replace("[*]", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented()).isEqualTo(settings);
  }

  /// A row may go on with `.other`, for another last part, or `-max`, for another end of it.
  private static Set<String> documented() throws IOException {
    Set<String> names = new TreeSet<>();
    Matcher row = ROW.matcher(OperatorFiles.page());
    while (row.find()) {
      String before = "";
      Matcher name = NAME.matcher(row.group(1));
      while (name.find()) {
        String written = name.group(1).replaceAll("<[^>]+>", "*");
        before =
            switch (written.charAt(0)) {
              case '.' -> before.substring(0, before.lastIndexOf('.')) + written;
              case '-' -> before.substring(0, before.lastIndexOf('-')) + written;
              default -> written;
            };
        names.add(before);
      }
    }
    return names;
  }
}
