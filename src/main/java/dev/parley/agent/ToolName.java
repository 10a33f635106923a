package dev.parley.agent;

import java.util.regex.Pattern;

/// What a tool can be called: what every provider's models take.
public final class ToolName {
  public static final int CHARS_MAX = 64;

  private static final Pattern USABLE = Pattern.compile("[a-zA-Z0-9_-]{1," + CHARS_MAX + "}");

  private ToolName() {}

  public static boolean isUsable(String name) {
    return USABLE.matcher(name).matches();
  }
}
