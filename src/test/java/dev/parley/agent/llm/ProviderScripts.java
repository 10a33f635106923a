package dev.parley.agent.llm;

import dev.parley.testing.ProviderStandIn.Script;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Answers as the providers' documentation has them, event for event.
public final class ProviderScripts {
  public static final String EVENT_STREAM = "text/event-stream";
  public static final String LINES = "application/x-ndjson";

  private ProviderScripts() {}

  /// Whatever a provider says in these pieces, cut after so many bytes.
  public static Script cut(Provider provider, String said, int piece) {
    return Script.of(200, Map.of("content-type", contentType(provider))).sayInPieces(said, piece);
  }

  public static String contentType(Provider provider) {
    return provider == Provider.OLLAMA ? LINES : EVENT_STREAM;
  }

  /// An answer of reasoning and text.
  public static String answer(Provider provider, String reasoning, List<String> words) {
    return switch (provider) {
      case ANTHROPIC -> anthropic(reasoning, words, "end_turn");
      case OPENAI -> openAi(reasoning, words, "stop");
      case OLLAMA -> ollama(reasoning, words, "stop");
    };
  }

  /// What no provider says.
  public static String nonsense(Provider provider) {
    return switch (provider) {
      case ANTHROPIC -> event("message_start", "{\"type\": nonsense");
      case OPENAI -> "data: {\"id\": nonsense\n\n";
      case OLLAMA -> "{\"model\": nonsense\n";
    };
  }

  /// What a provider says that fails in the middle of an answer.
  public static String error(Provider provider, String type) {
    return switch (provider) {
      case ANTHROPIC ->
          event(
              "error",
              """
              {"type":"error","error":{"type":"%s","message":"secret"},"request_id":"req_1"}\
              """
                  .formatted(type));
      case OPENAI ->
          """
          data: {"error":{"message":"secret","type":"%s","param":null,"code":null}}

          """
              .formatted(type);
      case OLLAMA -> "{\"error\":\"" + type + "\"}\n";
    };
  }

  public static String anthropic(String reasoning, List<String> words, String reason) {
    return event(
            "message_start",
            """
            {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",\
            "content":[],"model":"claude-test-1","stop_reason":null,"stop_sequence":null,\
            "usage":{"input_tokens":25,"cache_creation_input_tokens":7,\
            "cache_read_input_tokens":11,"output_tokens":1}}}\
            """)
        + event(
            "content_block_start",
            """
            {"type":"content_block_start","index":0,"content_block":{"type":"thinking",\
            "thinking":"","signature":""}}\
            """)
        + event("ping", "{\"type\":\"ping\"}")
        + delta(0, "thinking_delta", "thinking", reasoning)
        + delta(0, "signature_delta", "signature", "c2ln")
        + event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}")
        + event(
            "content_block_start",
            """
            {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}\
            """)
        + words.stream()
            .map(word -> delta(1, "text_delta", "text", word))
            .collect(Collectors.joining())
        + event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":1}")
        + event(
            "message_delta",
            """
            {"type":"message_delta","delta":{"stop_reason":"%s","stop_sequence":null},\
            "usage":{"output_tokens":15}}\
            """
                .formatted(reason))
        + event("message_stop", "{\"type\":\"message_stop\"}");
  }

  /// A call of a tool, its input in pieces.
  public static String anthropicCall(String id, String name, List<String> input) {
    return event(
            "message_start",
            """
            {"type":"message_start","message":{"id":"msg_2","type":"message","role":"assistant",\
            "content":[],"model":"claude-test-1","usage":{"input_tokens":25,"output_tokens":1}}}\
            """)
        + event(
            "content_block_start",
            """
            {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"%s",\
            "name":"%s","input":{}}}\
            """
                .formatted(id, name))
        + input.stream()
            .map(piece -> delta(0, "input_json_delta", "partial_json", piece.replace("\"", "\\\"")))
            .collect(Collectors.joining())
        + event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}")
        + event(
            "message_delta",
            """
            {"type":"message_delta","delta":{"stop_reason":"tool_use"},\
            "usage":{"output_tokens":9}}\
            """)
        + event("message_stop", "{\"type\":\"message_stop\"}");
  }

  private static String delta(int index, String type, String field, String value) {
    return event(
        "content_block_delta",
        """
        {"type":"content_block_delta","index":%d,"delta":{"type":"%s","%s":"%s"}}\
        """
            .formatted(index, type, field, value));
  }

  public static String openAi(String reasoning, List<String> words, String reason) {
    return openAiDelta("{\"role\":\"assistant\",\"content\":\"\"}", "null")
        + openAiDelta("{\"reasoning_content\":\"" + reasoning + "\"}", "null")
        + words.stream()
            .map(word -> openAiDelta("{\"content\":\"" + word + "\"}", "null"))
            .collect(Collectors.joining())
        + openAiDelta("{}", "\"" + reason + "\"")
        + openAiUsage()
        + "data: [DONE]\n\n";
  }

  public static String openAiCall(String id, String name, List<String> input) {
    return openAiDelta(
            """
            {"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"%s",\
            "type":"function","function":{"name":"%s","arguments":""}}]}\
            """
                .formatted(id, name),
            "null")
        + input.stream()
            .map(piece ->
                openAiDelta(
                    """
                    {"tool_calls":[{"index":0,"function":{"arguments":"%s"}}]}\
                    """
                        .formatted(piece.replace("\"", "\\\"")),
                    "null"))
            .collect(Collectors.joining())
        + openAiDelta("{}", "\"tool_calls\"")
        + openAiUsage()
        + "data: [DONE]\n\n";
  }

  private static String openAiDelta(String delta, String reason) {
    return """
    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1694268190,\
    "model":"gpt-test-1","choices":[{"index":0,"delta":%s,"logprobs":null,\
    "finish_reason":%s}],"usage":null}

    """
        .formatted(delta, reason);
  }

  private static String openAiUsage() {
    return """
    data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1694268190,\
    "model":"gpt-test-1","choices":[],"usage":{"prompt_tokens":36,"completion_tokens":15,\
    "total_tokens":51,"prompt_tokens_details":{"cached_tokens":11}}}

    """;
  }

  /// Annotations as OpenAI has them: beside the words that rest on them.
  public static String openAiAnnotated(String answer, String word, String annotations) {
    return answer.replace(
        "{\"content\":\"" + word + "\"}",
        "{\"content\":\"" + word + "\",\"annotations\":" + annotations + "}");
  }

  /// Lists as Perplexity has them: whole, in every chunk.
  public static String openAiWithLists(String answer, String lists) {
    return answer.replace("\"usage\":null}", "\"usage\":null," + lists + "}");
  }

  /// Citations as Anthropic has them: events of their own, in the midst of the text.
  public static String anthropicCited(String answer, String word, List<String> citations) {
    String said = delta(1, "text_delta", "text", word);
    return answer.replace(
        said,
        said
            + citations.stream()
                .map(citation ->
                    event(
                        "content_block_delta",
                        """
                        {"type":"content_block_delta","index":1,\
                        "delta":{"type":"citations_delta","citation":%s}}\
                        """
                            .formatted(citation)))
                .collect(Collectors.joining()));
  }

  public static String ollama(String reasoning, List<String> words, String reason) {
    return ollamaLine(
            "{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"" + reasoning + "\"}")
        + words.stream()
            .map(word -> ollamaLine("{\"role\":\"assistant\",\"content\":\"" + word + "\"}"))
            .collect(Collectors.joining())
        + ollamaEnd(reason);
  }

  public static String ollamaCall(String name, String input) {
    return ollamaLine(
            """
            {"role":"assistant","content":"","tool_calls":[{"function":{"name":"%s",\
            "arguments":%s}}]}\
            """
                .formatted(name, input))
        + ollamaEnd("stop");
  }

  /// Several calls of one tool, in one message.
  public static String ollamaCalls(String name, List<String> inputs) {
    String calls =
        IntStream.range(0, inputs.size())
            .mapToObj(at ->
                """
                {"function":{"index":%d,"name":"%s","arguments":%s}}\
                """
                    .formatted(at, name, inputs.get(at)))
            .collect(Collectors.joining(","));
    return ollamaLine("{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" + calls + "]}")
        + ollamaEnd("stop");
  }

  private static String ollamaLine(String message) {
    return """
    {"model":"llama-test","created_at":"2025-07-07T20:22:19.184789Z","message":%s,"done":false}
    """
        .formatted(message);
  }

  private static String ollamaEnd(String reason) {
    return """
    {"model":"llama-test","created_at":"2025-07-07T20:22:19.19314Z",\
    "message":{"role":"assistant","content":""},"done_reason":"%s","done":true,\
    "total_duration":182242375,"load_duration":41295167,"prompt_eval_count":25,\
    "prompt_eval_duration":24573167,"eval_count":15,"eval_duration":115959084}
    """
        .formatted(reason);
  }

  private static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data + "\n\n";
  }
}
