package dev.parley.testing.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.parley.wire.call.JsonFields;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Effect RPC: as many Exits for an id as Requests had it.
final class RpcDebts extends Debts {
  private static final int ID_LENGTH_MAX = 128;
  private static final int LINE_BYTES_MAX = 2 * 1024 * 1024;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(128).build())
          .build();

  private final Transcripts own;
  private final Map<String, Integer> owed = new LinkedHashMap<>();
  private final Map<String, Integer> paid = new LinkedHashMap<>();
  private final Set<String> streams = new LinkedHashSet<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /// The line has bytes of which the server may make something else.
  private boolean doubtful;

  /// There was a line of which this does not know what the server has to make of it.
  private boolean inexact;

  /// @param own calls whose ids nothing else has
  RpcDebts(Transcripts own) {
    this.own = own;
  }

  @Override
  synchronized void sent(byte[] message, boolean text) {
    boolean faithful = !text || isUtf8(message);
    for (byte b : message) {
      doubtful |= !faithful;
      if (b == '\n') {
        lineEnds();
      } else {
        line.write(b);
      }
    }
  }

  private void lineEnds() {
    if (doubtful || line.size() > LINE_BYTES_MAX) {
      inexact = true;
    } else if (isUtf8(line.toByteArray())) {
      read(line.toString(StandardCharsets.UTF_8));
    }
    line.reset();
    doubtful = false;
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).hasArray();
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private void read(String json) {
    @Nullable String kind = null;
    @Nullable String tag = null;
    @Nullable String id = null;
    boolean discard = false;
    boolean notification = false;
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        switch (name) {
          case "_tag" -> kind = token == JsonToken.VALUE_STRING ? parser.getText() : null;
          case "tag" -> tag = token == JsonToken.VALUE_STRING ? parser.getText() : null;
          case "id" -> id = id(parser, token);
          case "discard" -> discard = token == JsonToken.VALUE_TRUE;
          case "isNotification" -> notification = token == JsonToken.VALUE_TRUE;
          default -> {}
        }
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return;
      }
    } catch (IOException e) {
      // What is no JSON is answered without an id; what is nested too deep, perhaps with one.
      inexact = true;
      return;
    }
    if (id != null && "Request".equals(kind) && !notification) {
      owed.merge(id, 1, Integer::sum);
      if (tag != null && Transcripts.isStream(tag) && !discard) {
        streams.add(id);
      }
    }
  }

  /// As it is told back.
  private static @Nullable String id(JsonParser parser, JsonToken token) throws IOException {
    boolean fits =
        (token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT)
            && parser.getText().length() <= ID_LENGTH_MAX;
    return fits ? (token == JsonToken.VALUE_STRING ? "s" : "n") + parser.getText() : null;
  }

  @Override
  synchronized List<String> lastWords() {
    List<String> words = new ArrayList<>(own.version4());
    // What was begun and never ended is ended by its line's end.
    words.addFirst("");
    return words;
  }

  @Override
  synchronized List<String> farewells() {
    return streams.stream()
        .filter(id -> paid.getOrDefault(id, 0) < owed.getOrDefault(id, 0))
        .map(id ->
            "{\"_tag\":\"Interrupt\",\"requestId\":"
                + (id.startsWith("n") ? id.substring(1) : JsonFields.quote(id.substring(1)))
                + "}")
        .toList();
  }

  @Override
  synchronized boolean isQuiet() {
    return owed.entrySet().stream()
        .allMatch(debt ->
            streams.contains(debt.getKey())
                || paid.getOrDefault(debt.getKey(), 0) >= debt.getValue());
  }

  @Override
  void pay(String message) {
    for (String json : message.split("\n", -1)) {
      if (json.startsWith("{\"_tag\":\"Exit\"")) {
        try (JsonParser parser = JSON.createParser(json)) {
          while (parser.nextToken() != null) {
            if (parser.currentToken() == JsonToken.FIELD_NAME
                && parser.currentName().equals("requestId")) {
              String id = id(parser, parser.nextToken());
              if (id != null) {
                paid.merge(id, 1, Integer::sum);
              }
              break;
            }
          }
        } catch (IOException e) {
          throw new IllegalStateException("the server says what is no JSON", e);
        }
      }
    }
  }

  @Override
  synchronized List<String> open() {
    List<String> open = new ArrayList<>();
    owed.forEach((id, count) -> {
      int exits = paid.getOrDefault(id, 0);
      if (exits < count || (exits > count && !inexact)) {
        open.add("%d Requests of id %s have %d Exits".formatted(count, id, exits));
      }
    });
    return open;
  }
}
