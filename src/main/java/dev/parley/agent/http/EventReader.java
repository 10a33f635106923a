package dev.parley.agent.http;

import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.parley.agent.llm.ProviderFailure;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Makes events of an answer's bytes, however those are cut: in the middle of a character, of a
/// line's end, of an event.
final class EventReader {
  private static final String BYTE_ORDER_MARK = "\uFEFF";
  private static final String EVENT = "event";
  private static final String DATA = "data";

  private final Format format;
  private final int eventBytesMax;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private @Nullable String event;
  private int eventBytes;
  private boolean first = true;

  /// The last line ended with a carriage return: a line feed that follows belongs to it.
  private boolean returned;

  /// How events are written.
  enum Format {
    /// As the HTML standard defines server-sent events (section 9.2.6, "Interpreting an event
    /// stream").
    EVENT_STREAM("text/event-stream"),
    /// One on each line.
    LINES("application/x-ndjson");

    private final String mediaType;

    Format(String mediaType) {
      this.mediaType = mediaType;
    }

    /// Whether an answer says of itself that it is written so.
    ///
    /// @param contentType absent: it says nothing
    boolean isSaidBy(@Nullable String contentType) {
      return contentType != null && contentType.toLowerCase(Locale.ROOT).startsWith(mediaType);
    }
  }

  /// @param eventBytesMax of one event, with its names and line ends
  EventReader(Format format, int eventBytesMax) {
    this.format = format;
    this.eventBytesMax = eventBytesMax;
  }

  /// The events that are whole with these bytes.
  ///
  /// @throws ProviderFailure when one is too large
  List<ServerSentEvent> read(byte[] bytes) {
    List<ServerSentEvent> events = new ArrayList<>();
    for (byte next : bytes) {
      if (returned && next == '\n') {
        returned = false;
        continue;
      }
      returned = next == '\r';
      if (next == '\n' || next == '\r') {
        line(events);
      } else {
        grow();
        line.write(next);
      }
    }
    return events;
  }

  /// What is whole with the end of the answer: the last line. Of an event stream, what no empty
  /// line has ended is no event.
  List<ServerSentEvent> end() {
    List<ServerSentEvent> events = new ArrayList<>();
    if (format == Format.LINES) {
      line(events);
    }
    return events;
  }

  private void grow() {
    eventBytes++;
    if (eventBytes > eventBytesMax) {
      throw ProviderFailure.of(ProviderFailure.Kind.UNREADABLE);
    }
  }

  private void line(List<ServerSentEvent> events) {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (first) {
      first = false;
      text = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }
    switch (format) {
      case LINES -> {
        if (!text.isBlank()) {
          events.add(new ServerSentEvent(null, text));
        }
        eventBytes = 0;
      }
      case EVENT_STREAM -> {
        if (text.isEmpty()) {
          dispatch(events);
        } else {
          field(text);
        }
      }
    }
  }

  private void dispatch(List<ServerSentEvent> events) {
    if (!data.isEmpty()) {
      events.add(new ServerSentEvent(event, data.toString()));
    }
    data.setLength(0);
    event = null;
    eventBytes = 0;
  }

  private void field(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (name) {
      case EVENT -> event = value;
      case DATA -> {
        if (!data.isEmpty()) {
          data.append('\n');
        }
        data.append(value);
      }
      default -> {
        // comments, and names that nobody knows
      }
    }
  }
}
