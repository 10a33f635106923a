package dev.parley.wire.rpc.codec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.parley.session.Refusal;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.rpc.codec.RpcMessage.ReplyWish;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what a client sent as messages. Never throws: what cannot be read is a message that says
/// so.
public final class RpcReader {
  /// Characters of the client's words in an answer about them.
  private static final int ECHO_LENGTH_MAX = 100;

  private static final char REPLACEMENT = '\uFFFD';

  private final JsonLimits limits;

  public RpcReader(JsonLimits limits) {
    this.limits = limits;
  }

  /// One message, or in [Serialization#JSON] the messages of an array.
  public List<RpcMessage> read(Serialization serialization, byte[] utf8) {
    String text;
    try {
      text = decode(utf8);
    } catch (CharacterCodingException e) {
      return List.of(new RpcMessage.Unreadable("Malformed message: it is not UTF-8"));
    }
    try (JsonParser parser = limits.parser(text)) {
      List<RpcMessage> messages = new ArrayList<>();
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_ARRAY && serialization == Serialization.JSON) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          messages.add(readOne(parser, text));
        }
      } else {
        messages.add(readOne(parser, text));
      }
      return parser.nextToken() == null
          ? messages
          : List.of(new RpcMessage.Unreadable("Malformed message: it is more than one JSON value"));
    } catch (RefusedMessageException e) {
      return List.of(e.message);
    } catch (IOException e) {
      return List.of(new RpcMessage.Unreadable("Malformed message: it is not JSON"));
    }
  }

  /// Decodes leniently first: that is much faster, and what is replaced can be seen.
  private static String decode(byte[] utf8) throws CharacterCodingException {
    String text = new String(utf8, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0
        ? text
        : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
  }

  /// Reads the value that the parser stands on, to its end.
  private RpcMessage readOne(JsonParser parser, String text) throws IOException {
    Fields fields = new Fields();
    try {
      return switch (parser.currentToken()) {
        case START_OBJECT -> {
          fields.readAll(parser, text);
          yield fields.message();
        }
        case VALUE_NULL -> new RpcMessage.Nothing();
        default -> {
          parser.skipChildren();
          parser.finishToken();
          yield new RpcMessage.Unreadable("Malformed message: it is not a JSON object");
        }
      };
    } catch (StreamConstraintsException e) {
      throw new RefusedMessageException(
          fields.refused(
              new Refusal.InvalidRequest(
                  "The message is nested deeper than "
                      + limits.depthMax()
                      + " levels or holds a name or number that is too long.",
                  null)));
    }
  }

  /// The answer to a message that was too long to be kept: its call's own, where one of its small
  /// fields tells which that is.
  ///
  /// @param abridged an object of its small fields
  public RpcMessage tooLong(byte[] abridged, int lineBytesMax) {
    Fields fields = new Fields();
    String text = new String(abridged, StandardCharsets.UTF_8);
    try (JsonParser parser = limits.parser(text)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        fields.readAll(parser, text);
      }
    } catch (IOException e) {
      // it was not JSON; what came before is in fields
    }
    return fields.refused(
        new Refusal.LimitExceeded(
            "line", "A message has at most " + lineBytesMax + " bytes.", null));
  }

  /// What a client said, short enough to be said back to it.
  public static String echo(@Nullable String theirs) {
    if (theirs == null) {
      return "undefined";
    }
    return theirs.length() <= ECHO_LENGTH_MAX ? theirs : theirs.substring(0, ECHO_LENGTH_MAX) + "…";
  }

  /// What is known of a message whose rest cannot be read.
  private static final class RefusedMessageException extends IOException {
    private static final long serialVersionUID = 1;
    private final transient RpcMessage message;

    RefusedMessageException(RpcMessage message) {
      this.message = message;
    }
  }

  /// The fields of a message that mean something, as far as they were read.
  private static final class Fields {
    private @Nullable String kind;
    private @Nullable String tag;
    private @Nullable RpcId id;
    private @Nullable String badId;
    private @Nullable RpcId requestId;
    private @Nullable String payload;
    private boolean discard;
    private boolean notification;

    /// Reads to the object's end.
    void readAll(JsonParser parser, String text) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        switch (name) {
          case "_tag" -> kind = token == JsonToken.VALUE_STRING ? parser.getText() : skip(parser);
          case "tag" -> tag = token == JsonToken.VALUE_STRING ? parser.getText() : skip(parser);
          case "id" -> {
            id = id(parser);
            badId = id == null ? JsonLimits.slice(parser, text) : null;
          }
          case "requestId" -> {
            requestId = id(parser);
            parser.skipChildren();
          }
          case "payload" ->
              payload = token == JsonToken.VALUE_NULL ? null : JsonLimits.slice(parser, text);
          case "discard" -> {
            discard = token == JsonToken.VALUE_TRUE;
            parser.skipChildren();
          }
          case "isNotification" -> {
            notification = token == JsonToken.VALUE_TRUE;
            parser.skipChildren();
          }
          default -> parser.skipChildren();
        }
      }
    }

    private static @Nullable String skip(JsonParser parser) throws IOException {
      parser.skipChildren();
      return null;
    }

    private static @Nullable RpcId id(JsonParser parser) throws IOException {
      return switch (parser.currentToken()) {
        case VALUE_STRING, VALUE_NUMBER_INT -> {
          String text = parser.getText();
          yield text.length() > RpcId.LENGTH_MAX
              ? null
              : new RpcId(parser.currentToken() == JsonToken.VALUE_NUMBER_INT, text);
        }
        default -> null;
      };
    }

    RpcMessage message() {
      return switch (kind) {
        case null -> new RpcMessage.Unreadable("Unknown request tag: undefined");
        case "Request" -> request();
        case "Ack" -> requestId == null ? new RpcMessage.Nothing() : new RpcMessage.Ack(requestId);
        case "Interrupt" ->
            requestId == null ? new RpcMessage.Nothing() : new RpcMessage.Interrupt(requestId);
        case "Ping" -> new RpcMessage.Ping();
        case "Pong" -> new RpcMessage.Nothing();
        case "Eof" -> new RpcMessage.Eof();
        default -> new RpcMessage.Unreadable("Unknown request tag: " + echo(kind));
      };
    }

    private RpcMessage request() {
      if (id == null) {
        return new RpcMessage.Unreadable("Invalid request id: " + echo(badId));
      }
      ReplyWish reply =
          notification ? ReplyWish.NONE : discard ? ReplyWish.RECEIPT : ReplyWish.FULL;
      return new RpcMessage.Request(id, tag == null ? "undefined" : tag, payload, reply);
    }

    /// The refusal of the call that was read so far.
    RpcMessage refused(Refusal refusal) {
      if ("Request".equals(kind) && id != null) {
        return notification ? new RpcMessage.Nothing() : new RpcMessage.Refused(id, refusal);
      }
      return new RpcMessage.Unreadable(
          switch (refusal) {
            case Refusal.LimitExceeded r -> "LimitExceeded: " + r.message();
            case Refusal.InvalidRequest r -> "InvalidRequest: " + r.message();
            default -> "Malformed message";
          });
    }
  }
}
