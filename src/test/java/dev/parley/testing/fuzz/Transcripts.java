package dev.parley.testing.fuzz;

import java.util.ArrayList;
import java.util.List;

/// What the public clients send, word for word, about one session.
///
/// @param user whose session it is
/// @param thread its thread
/// @param firstId of the calls; those of one transcript are counted from it
public record Transcripts(String user, String thread, long firstId) {
  /// In every text of a user, so that a log that quotes one is found out.
  public static final String MARK = "secret-word";

  private static final String TRACE =
      "\"traceId\":\"dcc26659075b4f291beb0180ad68d563\",\"spanId\":\"49f467fe2216418d\",\"sampled\":true";

  /// Calls and their payloads, in an order that makes sense.
  private static final List<String[]> CALLS =
      List.of(
          new String[] {
            "session.create",
            "{\"userId\":\"USER\",\"agentId\":\"demo\",\"threadId\":\"THREAD\",\"title\":\"MARK é\"}"
          },
          new String[] {"session.watch", "{\"userId\":\"USER\"}"},
          new String[] {"chat.subscribe", "{\"sessionId\":\"KEY\"}"},
          new String[] {
            "chat.send",
            "{\"sessionId\":\"KEY\",\"content\":\"/count 8 0\",\"clientMessageId\":\"c-ID\"}"
          },
          new String[] {"chat.getState", "{\"sessionId\":\"KEY\"}"},
          new String[] {
            "chat.send",
            "{\"sessionId\":\"KEY\",\"content\":\"/tool MARK {}\",\"parts\":[{\"type\":\"text\",\"text\":\"MARK\\n\\u00e9\\ud83d\\ude00\"},"
                + "{\"type\":\"file\",\"mediaType\":\"image/png\",\"url\":\"data:,MARK\"},"
                + "{\"type\":\"data-x\",\"data\":{\"n\":[1,2.5e3,null,true]}}],\"whenBusy\":\"interrupt\"}"
          },
          new String[] {
            "chat.subscribe", "{\"sessionId\":\"KEY\",\"afterSeq\":3,\"incarnation\":\"MARK\"}"
          },
          new String[] {"chat.interrupt", "{\"sessionId\":\"KEY\",\"discard\":true}"},
          new String[] {"chat.regenerate", "{\"sessionId\":\"KEY\",\"content\":\"/count 3 0\"}"},
          new String[] {"chat.dequeue", "{\"sessionId\":\"KEY\",\"messageId\":\"m-ID\"}"},
          new String[] {"chat.getHistory", "{\"sessionId\":\"KEY\",\"last\":20}"},
          new String[] {"session.listTurns", "{\"sessionId\":\"KEY\",\"limit\":7}"},
          new String[] {"session.list", "{\"userId\":\"USER\",\"agentId\":\"demo\",\"limit\":20}"},
          new String[] {"session.update", "{\"sessionId\":\"KEY\",\"title\":\"MARK\"}"},
          new String[] {"session.touch", "{\"sessionId\":\"KEY\"}"},
          new String[] {"session.get", "{\"sessionId\":\"KEY\"}"},
          new String[] {"session.delete", "{\"sessionId\":\"KEY\"}"});

  public String key() {
    return user + ":demo:" + thread;
  }

  /// Lines of version 4 of the library, each without its end.
  public List<String> version4() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < CALLS.size(); i++) {
      long id = firstId + i;
      lines.add(
          "{\"_tag\":\"Request\",\"id\":%d,\"tag\":\"%s\",\"payload\":%s,%s,\"headers\":[]}"
              .formatted(id, CALLS.get(i)[0], payload(i), TRACE));
      followUp(lines, i, Long.toString(id));
    }
    return lines;
  }

  /// Lines of version 3.
  public List<String> version3() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < CALLS.size(); i++) {
      String id = "\"" + (firstId + i) + "\"";
      lines.add(
          "{%s,\"payload\":%s,\"headers\":[[\"authorization\",\"Bearer %s\"]],\"tag\":\"%s\",\"id\":%s,\"_tag\":\"Request\"}"
              .formatted(TRACE, payload(i), MARK, CALLS.get(i)[0], id));
      followUp(lines, i, id);
    }
    return lines;
  }

  private static void followUp(List<String> lines, int call, String id) {
    if (isStream(CALLS.get(call)[0])) {
      lines.add("{\"_tag\":\"Ack\",\"requestId\":" + id + "}");
      lines.add("{\"_tag\":\"Ack\",\"requestId\":" + id + "}");
    }
    if (call % 5 == 2) {
      lines.add("{\"_tag\":\"Ping\"}");
      lines.add("{\"_tag\":\"Interrupt\",\"requestId\":" + id + "}");
    }
  }

  /// Whether the call of that name goes on until it is ended.
  public static boolean isStream(String tag) {
    return tag.equals("chat.subscribe") || tag.equals("session.watch");
  }

  /// A tag of each call.
  public static List<String> tags() {
    return CALLS.stream().map(call -> call[0]).distinct().toList();
  }

  /// The payload of each call.
  public List<String> payloads() {
    List<String> payloads = new ArrayList<>();
    for (int i = 0; i < CALLS.size(); i++) {
      payloads.add(payload(i));
    }
    return payloads;
  }

  private String payload(int call) {
    return CALLS
        .get(call)[1]
        .replace("KEY", key())
        .replace("USER", user)
        .replace("THREAD", thread)
        .replace("MARK", MARK)
        .replace("ID", Long.toString(firstId + call));
  }

  /// Frames of the thread protocol.
  public List<String> threadFrames() {
    List<String> frames = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String id = "r-" + (firstId + i);
      frames.add(
          "{\"type\":\"message\",\"requestId\":\"%s\",\"threadId\":\"%s\",\"content\":\"/count 5 0\"}"
              .formatted(id, i % 2 == 0 ? key() : thread));
      frames.add("{\"type\":\"cancel\",\"requestId\":\"%s\"}".formatted(id));
    }
    frames.add(
        "{\"type\":\"message\",\"requestId\":\"%d\",\"content\":\"/tool %s {}\"}"
            .formatted(firstId, MARK));
    return frames;
  }

  /// Bodies that the AI SDK's transport posts.
  public List<String> posts() {
    String first =
        "{\"parts\":[{\"type\":\"text\",\"text\":\"/count 4 0\"}],\"id\":\"u-%d\",\"role\":\"user\"}"
            .formatted(firstId);
    String answer =
        "{\"id\":\"m1\",\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"text\":\"%s\",\"state\":\"done\"}]}"
            .formatted(MARK);
    String second =
        "{\"parts\":[{\"type\":\"text\",\"text\":\"/count 3 0\"},{\"type\":\"file\",\"mediaType\":\"text/plain\",\"url\":\"data:,%s\"}],\"id\":\"v-%d\",\"role\":\"user\",\"metadata\":{\"k\":1}}"
            .formatted(MARK, firstId);
    return List.of(
        "{\"id\":\"%s\",\"messages\":[%s],\"trigger\":\"submit-message\"}".formatted(key(), first),
        "{\"extra\":true,\"id\":\"%s\",\"messages\":[%s,%s,%s],\"trigger\":\"submit-message\",\"whenBusy\":\"queue\"}"
            .formatted(key(), first, answer, second),
        "{\"id\":\"%s\",\"messages\":[%s],\"trigger\":\"regenerate-message\"}"
            .formatted(thread, first),
        "{\"id\":\"%s\",\"messages\":[%s,%s],\"trigger\":\"submit-message\",\"messageId\":\"u-%d\"}"
            .formatted(key(), answer, second, firstId),
        "{\"id\":\"%s\",\"message\":%s}".formatted(key(), second));
  }
}
