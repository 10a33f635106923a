package dev.parley.wire.rest;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.auth.Standing;
import dev.parley.wire.call.Answer;
import dev.parley.wire.call.Calls;
import dev.parley.wire.call.JsonFields;
import dev.parley.wire.call.RequestBody;
import dev.parley.wire.connection.HttpIncoming;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One call, put together from what an HTTP request says. It answers the JSON that the call
/// answers, and is refused as the call is, its fields named as HTTP names them.
final class RestCall {
  private final Calls calls;
  private final HttpServerRequest request;
  private final Standing standing;
  private final String tag;
  private final Uni<String> payload;
  private final Map<String, String> names;

  private RestCall(
      Calls calls,
      RoutingContext http,
      String tag,
      Uni<String> payload,
      Map<String, String> names) {
    this.calls = calls;
    this.request = http.request();
    this.standing = Standing.of(Callers.of(http));
    this.tag = tag;
    this.payload = payload;
    this.names = names;
  }

  /// A call whose payload is the body; refused when that is no JSON object.
  static RestCall ofBody(Calls calls, RoutingContext http, String tag, Uni<byte[]> body) {
    return new RestCall(calls, http, tag, body.map(RequestBody::payload), Map.of());
  }

  /// A call whose payload is the body and the session of the path; refused also when the body names
  /// another session.
  static RestCall ofBody(
      Calls calls, RoutingContext http, String tag, String id, Uni<byte[]> body) {
    return new RestCall(
        calls,
        http,
        tag,
        body.map(bytes -> RequestBody.payload(bytes, id)),
        Map.of(Query.SESSION_ID, Query.ID));
  }

  Uni<String> json() {
    return answered().map(Answered::json);
  }

  /// @param status of the answer, unless it is a refusal
  Uni<Response> response(Response.Status status) {
    return json().map(json -> response(status, json).build());
  }

  /// The answer to a call that makes a session: it names the session's address.
  Uni<Response> created() {
    return answered()
        .map(answered ->
            response(Response.Status.CREATED, answered.json())
                .header("Location", SessionsResource.PATH + "/" + answered.about())
                .build());
  }

  private static Response.ResponseBuilder response(Response.Status status, String json) {
    return Response.status(status).entity(json).type(MediaType.APPLICATION_JSON);
  }

  private record Answered(String about, String json) {}

  private Uni<Answered> answered() {
    return payload.flatMap(given ->
        Uni.createFrom()
            .deferred(() -> answered(calls.call(standing, tag, given, HttpIncoming.now(request))))
            .onFailure(RefusedException.class)
            .transform(this::named));
  }

  private Uni<Answered> answered(Answer answer) {
    return switch (answer) {
      case Answer.One one -> one.json().map(json -> new Answered(one.about(), json));
      case Answer.Many _, Answer.Unknown _ ->
          throw new IllegalStateException(tag + " is no call with one answer");
    };
  }

  private Throwable named(Throwable failure) {
    if (failure instanceof RefusedException refused
        && refused.refusal() instanceof Refusal.InvalidRequest(var message, var field)
        && field != null) {
      return new RefusedException(
          new Refusal.InvalidRequest(message, names.getOrDefault(field, field)));
    }
    return failure;
  }

  /// Puts a call together from path and query. A parameter without a value counts as absent.
  static final class Query {
    private static final String SESSION_ID = "sessionId";
    private static final String ID = "id";

    private final JsonFields payload = new JsonFields();
    private final Map<String, String> names = new HashMap<>();

    Query session(String id) {
      payload.text(SESSION_ID, id);
      names.put(SESSION_ID, ID);
      return this;
    }

    Query text(String name, @Nullable String value) {
      return text(name, name, value);
    }

    /// @param field what the call calls it
    /// @param name what HTTP calls it
    Query text(String field, String name, @Nullable String value) {
      if (value != null && !value.isEmpty()) {
        payload.text(field, value);
        names.put(field, name);
      }
      return this;
    }

    /// A number or a boolean; anything else goes as a text, which the call refuses.
    Query literal(String name, @Nullable String value) {
      if (value == null || !value.matches("true|false|0|[1-9][0-9]{0,17}")) {
        return text(name, value);
      }
      payload.raw(name, value);
      return this;
    }

    RestCall to(Calls calls, RoutingContext http, String tag) {
      return new RestCall(calls, http, tag, Uni.createFrom().item(payload.toString()), names);
    }
  }
}
