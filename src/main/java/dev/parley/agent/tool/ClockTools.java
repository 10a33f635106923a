package dev.parley.agent.tool;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/// What models do not know by themselves: what time it is.
@RegisterForReflection
public final class ClockTools implements ToolBean {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEEE, uuuu-MM-dd'T'HH:mm:ssxxx '('VV')'", Locale.ENGLISH);

  private final InstantSource clock;

  public ClockTools(InstantSource clock) {
    this.clock = clock;
  }

  /// Such as `Thursday, 2026-07-16T14:03:20+02:00 (Europe/Berlin)`.
  ///
  /// @throws IllegalArgumentException there is no such zone
  @Tool(name = "current_time", value = "Tells the current date and time in a time zone.")
  public String currentTime(
      @P(
              name = "zone",
              description = "IANA name of the time zone, such as Europe/Berlin",
              defaultValue = "UTC")
          String zone) {
    return FORMAT.format(
        ZonedDateTime.ofInstant(clock.instant().truncatedTo(ChronoUnit.SECONDS), zone(zone)));
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "there is no time zone "
              + name
              + "; give an IANA name such as Europe/Berlin, America/New_York or UTC",
          e);
    }
  }
}
