package dev.parley.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.parley.content.ChatStreamEvent;
import dev.parley.content.FinishReason;
import dev.parley.content.MessageId;
import dev.parley.content.MessagePart;
import dev.parley.content.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The JSON of what is said: stream events, message parts, usage. The field names are those of the
/// UI message stream.
public final class ContentJson {
  private static final String DATA = "data-";
  private static final String TOOL = "tool-";

  private ContentJson() {}

  /// The event as it stands in a frame.
  public static String event(ChatStreamEvent event) {
    return Json.text(json -> write(json, event));
  }

  static void write(JsonGenerator json, ChatStreamEvent event) throws IOException {
    json.writeStartObject();
    switch (event) {
      case ChatStreamEvent.TextDelta e -> delta(json, "text-delta", e.id(), e.delta());
      case ChatStreamEvent.ReasoningDelta e -> delta(json, "reasoning-delta", e.id(), e.delta());
      case ChatStreamEvent.Start e -> {
        type(json, "start");
        Json.field(json, "messageId", e.messageId().value());
      }
      case ChatStreamEvent.Finish e -> {
        type(json, "finish");
        Json.field(json, "finishReason", e.finishReason().word());
        json.writeFieldName("metadata");
        write(json, e.usage());
      }
      case ChatStreamEvent.Abort e -> {
        type(json, "abort");
        Json.field(json, "reason", e.reason());
      }
      case ChatStreamEvent.Error e -> {
        type(json, "error");
        Json.field(json, "errorText", e.errorText());
      }
      case ChatStreamEvent.TextStart e -> part(json, "text-start", e.id());
      case ChatStreamEvent.TextEnd e -> part(json, "text-end", e.id());
      case ChatStreamEvent.ReasoningStart e -> part(json, "reasoning-start", e.id());
      case ChatStreamEvent.ReasoningEnd e -> part(json, "reasoning-end", e.id());
      case ChatStreamEvent.ToolInputStart e ->
          tool(json, "tool-input-start", e.toolCallId(), e.toolName());
      case ChatStreamEvent.ToolInputDelta e -> {
        call(json, "tool-input-delta", e.toolCallId());
        Json.field(json, "inputTextDelta", e.inputTextDelta());
      }
      case ChatStreamEvent.ToolInputAvailable e -> {
        tool(json, "tool-input-available", e.toolCallId(), e.toolName());
        Json.raw(json, "input", e.input());
      }
      case ChatStreamEvent.ToolInputError e -> {
        tool(json, "tool-input-error", e.toolCallId(), e.toolName());
        Json.raw(json, "input", e.input());
        Json.field(json, "errorText", e.errorText());
      }
      case ChatStreamEvent.ToolOutputAvailable e -> {
        call(json, "tool-output-available", e.toolCallId());
        Json.raw(json, "output", e.output());
        if (e.preliminary()) {
          json.writeBooleanField("preliminary", true);
        }
      }
      case ChatStreamEvent.ToolOutputError e -> {
        call(json, "tool-output-error", e.toolCallId());
        Json.field(json, "errorText", e.errorText());
      }
      case ChatStreamEvent.ToolOutputDenied e -> call(json, "tool-output-denied", e.toolCallId());
      case ChatStreamEvent.ToolApprovalRequest e -> {
        type(json, "tool-approval-request");
        Json.field(json, "approvalId", e.approvalId());
        Json.field(json, "toolCallId", e.toolCallId());
        Json.field(json, "toolName", e.toolName());
      }
      case ChatStreamEvent.ToolApprovalResponse e -> {
        type(json, "tool-approval-response");
        Json.field(json, "approvalId", e.approvalId());
        json.writeBooleanField("approved", e.approved());
        Json.optional(json, "reason", e.reason());
      }
      case ChatStreamEvent.SourceUrl e -> {
        type(json, "source-url");
        Json.field(json, "sourceId", e.sourceId());
        Json.field(json, "url", e.url());
        Json.optional(json, "title", e.title());
      }
      case ChatStreamEvent.SourceDocument e -> {
        type(json, "source-document");
        Json.field(json, "sourceId", e.sourceId());
        Json.field(json, "mediaType", e.mediaType());
        Json.field(json, "title", e.title());
      }
      case ChatStreamEvent.File e -> {
        type(json, "file");
        Json.field(json, "url", e.url());
        Json.field(json, "mediaType", e.mediaType());
      }
      case ChatStreamEvent.Data e -> {
        type(json, DATA + e.name());
        Json.optional(json, "id", e.id());
        Json.raw(json, "data", e.data());
        if (e.passing()) {
          json.writeBooleanField("transient", true);
        }
      }
      case ChatStreamEvent.StartStep _ -> type(json, "start-step");
      case ChatStreamEvent.FinishStep _ -> type(json, "finish-step");
      case ChatStreamEvent.MessageMetadata e -> {
        type(json, "message-metadata");
        Json.raw(json, "messageMetadata", e.messageMetadata());
      }
    }
    json.writeEndObject();
  }

  /// The stream event that the tree is.
  ///
  /// @throws UnreadableException for a type this version does not know
  static ChatStreamEvent event(JsonNode node) {
    String type = Json.text(node, "type");
    return switch (type) {
      case "text-delta" ->
          new ChatStreamEvent.TextDelta(Json.text(node, "id"), Json.text(node, "delta"));
      case "reasoning-delta" ->
          new ChatStreamEvent.ReasoningDelta(Json.text(node, "id"), Json.text(node, "delta"));
      case "start" -> new ChatStreamEvent.Start(new MessageId(Json.text(node, "messageId")));
      case "finish" ->
          new ChatStreamEvent.Finish(
              FinishReason.of(Json.text(node, "finishReason")), usage(Json.need(node, "metadata")));
      case "abort" -> new ChatStreamEvent.Abort(Json.text(node, "reason"));
      case "error" -> new ChatStreamEvent.Error(Json.text(node, "errorText"));
      case "text-start" -> new ChatStreamEvent.TextStart(Json.text(node, "id"));
      case "text-end" -> new ChatStreamEvent.TextEnd(Json.text(node, "id"));
      case "reasoning-start" -> new ChatStreamEvent.ReasoningStart(Json.text(node, "id"));
      case "reasoning-end" -> new ChatStreamEvent.ReasoningEnd(Json.text(node, "id"));
      case "tool-input-start" ->
          new ChatStreamEvent.ToolInputStart(
              Json.text(node, "toolCallId"), Json.text(node, "toolName"));
      case "tool-input-delta" ->
          new ChatStreamEvent.ToolInputDelta(
              Json.text(node, "toolCallId"), Json.text(node, "inputTextDelta"));
      case "tool-input-available" ->
          new ChatStreamEvent.ToolInputAvailable(
              Json.text(node, "toolCallId"), Json.text(node, "toolName"), Json.raw(node, "input"));
      case "tool-input-error" ->
          new ChatStreamEvent.ToolInputError(
              Json.text(node, "toolCallId"),
              Json.text(node, "toolName"),
              Json.raw(node, "input"),
              Json.text(node, "errorText"));
      case "tool-output-available" ->
          new ChatStreamEvent.ToolOutputAvailable(
              Json.text(node, "toolCallId"),
              Json.raw(node, "output"),
              node.path("preliminary").asBoolean());
      case "tool-output-error" ->
          new ChatStreamEvent.ToolOutputError(
              Json.text(node, "toolCallId"), Json.text(node, "errorText"));
      case "tool-output-denied" ->
          new ChatStreamEvent.ToolOutputDenied(Json.text(node, "toolCallId"));
      case "tool-approval-request" ->
          new ChatStreamEvent.ToolApprovalRequest(
              Json.text(node, "approvalId"),
              Json.text(node, "toolCallId"),
              Json.text(node, "toolName"));
      case "tool-approval-response" ->
          new ChatStreamEvent.ToolApprovalResponse(
              Json.text(node, "approvalId"),
              Json.need(node, "approved").asBoolean(),
              Json.optional(node, "reason"));
      case "source-url" ->
          new ChatStreamEvent.SourceUrl(
              Json.text(node, "sourceId"), Json.text(node, "url"), Json.optional(node, "title"));
      case "source-document" ->
          new ChatStreamEvent.SourceDocument(
              Json.text(node, "sourceId"), Json.text(node, "mediaType"), Json.text(node, "title"));
      case "file" -> new ChatStreamEvent.File(Json.text(node, "url"), Json.text(node, "mediaType"));
      case "start-step" -> new ChatStreamEvent.StartStep();
      case "finish-step" -> new ChatStreamEvent.FinishStep();
      case "message-metadata" ->
          new ChatStreamEvent.MessageMetadata(Json.raw(node, "messageMetadata"));
      default -> {
        if (!type.startsWith(DATA)) {
          throw new UnreadableException("unknown stream event type", null);
        }
        yield new ChatStreamEvent.Data(
            type.substring(DATA.length()),
            Json.optional(node, "id"),
            Json.raw(node, "data"),
            node.path("transient").asBoolean());
      }
    };
  }

  static void writeParts(JsonGenerator json, List<MessagePart> parts) throws IOException {
    json.writeStartArray();
    for (MessagePart part : parts) {
      write(json, part);
    }
    json.writeEndArray();
  }

  /// The parts of a message as clients see them in history.
  public static String parts(List<MessagePart> parts) {
    return Json.text(json -> writeParts(json, parts));
  }

  static List<MessagePart> parts(JsonNode array) {
    List<MessagePart> parts = new ArrayList<>(array.size());
    array.forEach(node -> parts.add(part(node)));
    return parts;
  }

  private static void write(JsonGenerator json, MessagePart part) throws IOException {
    json.writeStartObject();
    switch (part) {
      case MessagePart.Text p -> {
        type(json, "text");
        Json.field(json, "text", p.text());
      }
      case MessagePart.Reasoning p -> {
        type(json, "reasoning");
        Json.field(json, "text", p.text());
      }
      case MessagePart.Tool p -> {
        type(json, TOOL + p.toolName());
        Json.field(json, "toolCallId", p.toolCallId());
        Json.field(json, "toolName", p.toolName());
        Json.field(json, "state", p.state().word());
        if (p.input() != null) {
          Json.raw(json, "input", p.input());
        }
        Json.optional(json, "inputText", p.inputText());
        if (p.output() != null) {
          Json.raw(json, "output", p.output());
        }
        Json.optional(json, "errorText", p.errorText());
      }
      case MessagePart.File p -> {
        type(json, "file");
        Json.field(json, "mediaType", p.mediaType());
        Json.field(json, "url", p.url());
      }
      case MessagePart.SourceUrl p -> {
        type(json, "source-url");
        Json.field(json, "sourceId", p.sourceId());
        Json.field(json, "url", p.url());
        Json.optional(json, "title", p.title());
      }
      case MessagePart.SourceDocument p -> {
        type(json, "source-document");
        Json.field(json, "sourceId", p.sourceId());
        Json.field(json, "mediaType", p.mediaType());
        Json.field(json, "title", p.title());
      }
      case MessagePart.Data p -> {
        type(json, DATA + p.name());
        Json.optional(json, "id", p.id());
        Json.raw(json, "data", p.data());
      }
      case MessagePart.StepStart _ -> type(json, "step-start");
    }
    json.writeEndObject();
  }

  private static MessagePart part(JsonNode node) {
    String type = Json.text(node, "type");
    return switch (type) {
      case "text" -> new MessagePart.Text(Json.text(node, "text"));
      case "reasoning" -> new MessagePart.Reasoning(Json.text(node, "text"));
      case "file" -> new MessagePart.File(Json.text(node, "url"), Json.text(node, "mediaType"));
      case "source-url" ->
          new MessagePart.SourceUrl(
              Json.text(node, "sourceId"), Json.text(node, "url"), Json.optional(node, "title"));
      case "source-document" ->
          new MessagePart.SourceDocument(
              Json.text(node, "sourceId"), Json.text(node, "mediaType"), Json.text(node, "title"));
      case "step-start" -> new MessagePart.StepStart();
      default -> {
        if (type.startsWith(DATA)) {
          yield new MessagePart.Data(
              type.substring(DATA.length()), Json.optional(node, "id"), Json.raw(node, "data"));
        }
        if (!type.startsWith(TOOL)) {
          throw new UnreadableException("unknown message part type", null);
        }
        yield new MessagePart.Tool(
            Json.text(node, "toolCallId"),
            Json.text(node, "toolName"),
            MessagePart.ToolState.of(Json.text(node, "state")),
            Json.optionalRaw(node, "input"),
            Json.optional(node, "inputText"),
            Json.optionalRaw(node, "output"),
            Json.optional(node, "errorText"));
      }
    };
  }

  static void write(JsonGenerator json, Usage usage) throws IOException {
    json.writeStartObject();
    json.writeNumberField("inputTokens", usage.inputTokens());
    json.writeNumberField("outputTokens", usage.outputTokens());
    json.writeNumberField("cacheReadTokens", usage.cacheReadTokens());
    json.writeNumberField("cacheCreationTokens", usage.cacheCreationTokens());
    json.writeEndObject();
  }

  static Usage usage(JsonNode node) {
    return new Usage(
        node.path("inputTokens").asLong(),
        node.path("outputTokens").asLong(),
        node.path("cacheReadTokens").asLong(),
        node.path("cacheCreationTokens").asLong());
  }

  private static void type(JsonGenerator json, String type) throws IOException {
    json.writeStringField("type", type);
  }

  private static void part(JsonGenerator json, String type, String id) throws IOException {
    type(json, type);
    Json.field(json, "id", id);
  }

  private static void delta(JsonGenerator json, String type, String id, String delta)
      throws IOException {
    part(json, type, id);
    Json.field(json, "delta", delta);
  }

  private static void call(JsonGenerator json, String type, String id) throws IOException {
    type(json, type);
    Json.field(json, "toolCallId", id);
  }

  private static void tool(JsonGenerator json, String type, String id, String name)
      throws IOException {
    call(json, type, id);
    Json.field(json, "toolName", name);
  }
}
