package dev.parley.wire.rest;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.call.Answer;
import dev.parley.wire.call.Calls;
import dev.parley.wire.call.JsonFields;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `chat.getHistory` over plain HTTP: the same call, so the same JSON and the same refusals, their
/// field named as the query names it.
@Path("/api/sessions/{id}/messages")
public final class HistoryResource {
  /// The call's names of what the query names otherwise.
  private static final Map<String, String> QUERY_NAMES =
      Map.of("sessionId", "id", "afterMessageId", "after", "beforeMessageId", "before");

  private final Calls calls;

  HistoryResource(Calls calls) {
    this.calls = calls;
  }

  /// @param id the session's key; its colons may be percent-encoded
  /// @param last `true`, or how many
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<String> messages(
      @PathParam("id") String id,
      @QueryParam("after") @Nullable String after,
      @QueryParam("before") @Nullable String before,
      @QueryParam("last") @Nullable String last,
      @QueryParam("limit") @Nullable String limit) {
    JsonFields payload = new JsonFields().text("sessionId", id);
    text(payload, "afterMessageId", after);
    text(payload, "beforeMessageId", before);
    literal(payload, "last", last);
    literal(payload, "limit", limit);
    return Uni.createFrom()
        .deferred(() -> answer(calls.call("chat.getHistory", payload.toString())))
        .onFailure(RefusedException.class)
        .transform(HistoryResource::named);
  }

  private static Uni<String> answer(Answer answer) {
    return switch (answer) {
      case Answer.One one -> one.json();
      case Answer.Many _, Answer.Unknown _ ->
          throw new IllegalStateException("history is a call with one answer");
    };
  }

  /// A parameter without a value counts as absent.
  private static void text(JsonFields payload, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      payload.text(name, value);
    }
  }

  /// A number or a boolean; anything else goes as a text, which the call refuses.
  private static void literal(JsonFields payload, String name, @Nullable String value) {
    if (value == null || !value.matches("true|false|0|[1-9][0-9]{0,17}")) {
      text(payload, name, value);
    } else {
      payload.raw(name, value);
    }
  }

  private static RefusedException named(RefusedException refused) {
    if (refused.refusal() instanceof Refusal.InvalidRequest(var message, var field)
        && field != null) {
      return new RefusedException(
          new Refusal.InvalidRequest(message, QUERY_NAMES.getOrDefault(field, field)));
    }
    return refused;
  }
}
