package dev.parley.content;

/// One JSON value as text, taken as it is: Parley carries tool inputs, outputs and data parts
/// without looking into them. Whoever makes one from a stranger's bytes has parsed them first.
public record JsonText(String text) {
  public JsonText {
    if (text.isBlank()) {
      throw new IllegalArgumentException("JSON text is not blank");
    }
  }
}
