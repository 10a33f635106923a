package dev.parley.wire.rpc.codec;

import dev.parley.session.Refusal;
import dev.parley.wire.call.JsonFields;
import dev.parley.wire.call.RefusalJson;
import java.util.List;

/// Writes messages to a client.
public final class RpcWriter {
  public static final String PONG = "{\"_tag\":\"Pong\"}";

  private RpcWriter() {}

  /// @param values JSON, at least one
  public static String chunk(RpcId id, List<String> values) {
    int length = 64;
    for (String value : values) {
      length += value.length() + 1;
    }
    StringBuilder line = new StringBuilder(length);
    line.append("{\"_tag\":\"Chunk\",\"requestId\":").append(id.json()).append(",\"values\":[");
    for (int i = 0; i < values.size(); i++) {
      line.append(i == 0 ? "" : ",").append(values.get(i));
    }
    return line.append("]}").toString();
  }

  /// @param json the value; `null` for none, and for the end of a stream
  public static String success(RpcId id, String json) {
    return exit(id, "{\"_tag\":\"Success\",\"value\":" + json + "}");
  }

  public static String fail(RpcId id, Dialect dialect, Refusal refusal) {
    return failure(id, dialect.fail(RefusalJson.encode(refusal)));
  }

  public static String die(RpcId id, Dialect dialect, String defect) {
    return failure(id, dialect.die(JsonFields.quote(defect)));
  }

  public static String interrupted(RpcId id, Dialect dialect) {
    return failure(id, dialect.interrupt());
  }

  /// Tells of input that belongs to no call. The clients fail all their calls on it.
  public static String defect(String defect) {
    return "{\"_tag\":\"Defect\",\"defect\":" + JsonFields.quote(defect) + "}";
  }

  private static String failure(RpcId id, String cause) {
    return exit(id, "{\"_tag\":\"Failure\",\"cause\":" + cause + "}");
  }

  private static String exit(RpcId id, String exit) {
    return "{\"_tag\":\"Exit\",\"requestId\":" + id.json() + ",\"exit\":" + exit + "}";
  }

  /// The same JSON in ASCII. In JSON, what is not ASCII is inside a string.
  public static String ascii(String json) {
    int from = 0;
    while (from < json.length() && json.charAt(from) < 0x80) {
      from++;
    }
    if (from == json.length()) {
      return json;
    }
    StringBuilder ascii = new StringBuilder(json.length() + 64).append(json, 0, from);
    for (int i = from; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c < 0x80) {
        ascii.append(c);
      } else {
        ascii.append("\\u").append(hex(c >> 12)).append(hex(c >> 8)).append(hex(c >> 4));
        ascii.append(hex(c));
      }
    }
    return ascii.toString();
  }

  private static char hex(int digit) {
    return Character.forDigit(digit & 0xf, 16);
  }
}
