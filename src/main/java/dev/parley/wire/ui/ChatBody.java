package dev.parley.wire.ui;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.parley.content.JsonText;
import dev.parley.content.Utf8;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.RefusedException;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.call.MessageParts;
import dev.parley.wire.call.Payload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the transport posts, as far as it means anything here.
///
/// @param id the chat's name
/// @param regenerate whether an answer is wanted again
/// @param messageId the message that is meant by an edit or a regeneration
/// @param last the user's last message; absent: there is none
/// @param whenBusy absent: not said
record ChatBody(
    String id,
    boolean regenerate,
    @Nullable String messageId,
    @Nullable Said last,
    @Nullable WhenBusy whenBusy) {

  /// A message of the user.
  ///
  /// @param id the client's name for it
  /// @param content its text
  /// @param parts what it has beside its text
  record Said(@Nullable String id, String content, @Nullable JsonText parts) {}

  /// Reads a body that holds the chat's messages (`messages`), or only the newest (`message`).
  ///
  /// @throws RefusedException with `InvalidRequest`
  static ChatBody read(String json) {
    String messages = null;
    String message = null;
    try (JsonParser parser = JsonLimits.DEFAULTS.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Payload.wrong("the body is not a JSON object", null);
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        switch (name) {
          case "messages" -> messages = lastOfUser(parser, json, token);
          case "message" ->
              message = token == JsonToken.START_OBJECT ? JsonLimits.slice(parser, json) : null;
          default -> parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        throw Payload.wrong("the body is more than one JSON value", null);
      }
    } catch (IOException e) {
      throw Payload.wrong("the body is not JSON", null);
    }
    Payload fields = Payload.parse(json);
    String said = message == null ? messages : message;
    return new ChatBody(
        fields.text("id"),
        regenerate(fields.optionalText("trigger")),
        fields.optionalText("messageId"),
        said == null ? null : said(said, message == null ? "messages" : "message"),
        whenBusy(fields.optionalText("whenBusy")));
  }

  private static @Nullable String lastOfUser(JsonParser parser, String json, JsonToken token)
      throws IOException {
    if (token != JsonToken.START_ARRAY) {
      throw Payload.wrong("messages is not an array", "messages");
    }
    String last = null;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw Payload.wrong("messages holds something that is not an object", "messages");
      }
      String slice = JsonLimits.slice(parser, json);
      if ("user".equals(Payload.parse(slice).optionalText("role"))) {
        last = slice;
      }
    }
    return last;
  }

  private static boolean regenerate(@Nullable String trigger) {
    return switch (trigger) {
      case null -> false;
      case "submit-message" -> false;
      case "regenerate-message" -> true;
      default ->
          throw Payload.wrong("trigger is none of submit-message, regenerate-message", "trigger");
    };
  }

  static @Nullable WhenBusy whenBusy(@Nullable String word) {
    return switch (word) {
      case null -> null;
      case "queue" -> WhenBusy.QUEUE;
      case "interrupt" -> WhenBusy.INTERRUPT;
      case "rollback" -> WhenBusy.ROLLBACK;
      case "reject" -> WhenBusy.REJECT;
      default ->
          throw Payload.wrong("whenBusy is none of queue, interrupt, rollback, reject", "whenBusy");
    };
  }

  /// A message's texts are its content; whatever else it has stays a part.
  private static Said said(String json, String field) {
    Payload fields = Payload.parse(json);
    String role = fields.optionalText("role");
    if (role != null && !role.equals("user")) {
      throw Payload.wrong("message is not the user's", field);
    }
    List<String> texts = new ArrayList<>();
    List<String> others = new ArrayList<>();
    String array = fields.optionalArray("parts");
    if (array == null) {
      texts.add(fields.text("content"));
    } else {
      JsonText _ = MessageParts.read(array, field);
      split(array, texts, others);
    }
    String content = String.join("\n", texts);
    JsonText parts =
        others.isEmpty() ? null : MessageParts.read("[" + String.join(",", others) + "]", field);
    if (content.isEmpty() && parts == null) {
      throw Payload.wrong("the last message is empty", field);
    }
    return new Said(fields.optionalText("id"), content, parts);
  }

  private static void split(String array, List<String> texts, List<String> others) {
    try (JsonParser parser = JsonLimits.DEFAULTS.parser(array)) {
      JsonToken _ = parser.nextToken();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        String slice = JsonLimits.slice(parser, array);
        Payload part = Payload.parse(slice);
        if (part.text("type").equals("text")) {
          texts.add(part.text("text"));
        } else {
          others.add(slice);
        }
      }
    } catch (IOException e) {
      throw Payload.wrong("parts is not JSON", "parts");
    }
  }

  /// Bytes of what the message says, as they are stored.
  long bytes() {
    if (last == null) {
      return 0;
    }
    return Utf8.length(last.content())
        + (last.parts() == null ? 0 : Utf8.length(last.parts().text()));
  }
}
