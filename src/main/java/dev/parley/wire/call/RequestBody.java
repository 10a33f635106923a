package dev.parley.wire.call;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.parley.session.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The body of an HTTP request as the payload of a call.
public final class RequestBody {
  private static final String SESSION_ID = "sessionId";

  private RequestBody() {}

  /// A body that says everything.
  ///
  /// @param body one JSON object in UTF-8; empty: one without fields
  /// @throws RefusedException with [Refusal.InvalidRequest] for anything else
  public static String payload(byte[] body) {
    String json = text(body);
    if (json.isBlank()) {
      return "{}";
    }
    check(json, null);
    return json;
  }

  /// A body about the session that the address names.
  ///
  /// @param body as in [#payload]; it may name the session again, and no other
  /// @param sessionId what the call is given for it, whatever that may be
  /// @throws RefusedException with [Refusal.InvalidRequest]
  public static String payload(byte[] body, String sessionId) {
    String json = text(body);
    JsonFields payload = new JsonFields().text(SESSION_ID, sessionId);
    if (json.isBlank()) {
      return payload.toString();
    }
    boolean empty = check(json, sessionId);
    String named = payload.toString();
    return empty
        ? named
        // Neither of the two is empty: what stands between their brackets goes into one pair.
        : named.substring(0, named.length() - 1) + "," + json.substring(json.indexOf('{') + 1);
  }

  private static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw Payload.wrong("the body is not UTF-8", null);
    }
  }

  /// @return whether the object has no field
  private static boolean check(String json, @Nullable String sessionId) {
    try (JsonParser parser = JsonLimits.DEFAULTS.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Payload.wrong("the body is not a JSON object", null);
      }
      boolean empty = true;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        empty = false;
        boolean session = sessionId != null && parser.currentName().equals(SESSION_ID);
        JsonToken value = parser.nextToken();
        if (session
            && value != JsonToken.VALUE_NULL
            && (value != JsonToken.VALUE_STRING || !parser.getText().equals(sessionId))) {
          throw Payload.wrong("sessionId is not the session of the address", SESSION_ID);
        }
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        throw Payload.wrong("the body is more than one JSON value", null);
      }
      return empty;
    } catch (IOException e) {
      throw Payload.wrong(
          "the body is not JSON, or nested deeper than " + JsonLimits.DEPTH_MAX + " levels", null);
    }
  }
}
