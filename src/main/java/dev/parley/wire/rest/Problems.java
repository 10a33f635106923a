package dev.parley.wire.rest;

import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.wire.Defects;
import dev.parley.wire.auth.Access.Reason;
import dev.parley.wire.call.JsonFields;
import dev.parley.wire.call.RefusalJson;
import io.netty.handler.codec.http.HttpResponseStatus;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// What HTTP answers when a call is not carried out: `application/problem+json`, RFC 9457.
/// Resources let their failures out; they are mapped here.
///
/// A refusal is `{type, title, status, detail}` and the fields of its typed error, `_tag` first;
/// `type` is `urn:parley:error:` and that `_tag`. What operators do wrong has such a `type` too,
/// and no typed error. Everything else is of type `about:blank`, which says: no more than the
/// status.
public final class Problems {
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final String ERROR = "urn:parley:error:";
  private static final String BLANK = "about:blank";
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int MILLIS = 1000;

  /// The answer to a call that was refused.
  public static Response of(Refusal refusal) {
    int status = status(refusal);
    JsonFields fields =
        fields(ERROR + RefusalJson.tag(refusal), status, RefusalJson.detail(refusal));
    Response.ResponseBuilder answer = answer(status, RefusalJson.write(fields, refusal));
    if (refusal instanceof Refusal.LimitExceeded limit && limit.retryAfterMs() != null) {
      answer.header(HttpHeaders.RETRY_AFTER, Math.ceilDiv(limit.retryAfterMs(), MILLIS));
    }
    return answer.build();
  }

  /// The answer to whom nobody knows: how he can say who he is (RFC 6750, section 3).
  static Response of(UnauthenticatedException unknown) {
    String detail =
        switch (unknown.reason()) {
          case EXPIRED_TOKEN -> "The token has expired.";
          case INVALID_TICKET -> "The ticket is none, was used before, or came too late.";
          case INVALID_TOKEN -> "The token is not accepted.";
          case NO_TOKEN, KEYS_AWAY, FOREIGN_ORIGIN, FOREIGN_USER, OPERATORS_ONLY ->
              "A bearer token is needed.";
        };
    String challenge =
        unknown.reason() == Reason.NO_TOKEN ? "Bearer" : "Bearer error=\"invalid_token\"";
    int status = Response.Status.UNAUTHORIZED.getStatusCode();
    return answer(status, fields(BLANK, status, detail))
        .header(HttpHeaders.WWW_AUTHENTICATE, challenge)
        .build();
  }

  /// An answer of which there is no more to say than its status.
  static Response of(int status) {
    return of(status, HttpResponseStatus.valueOf(status).reasonPhrase());
  }

  /// An answer of which there is no more to say than its status.
  ///
  /// @param detail what the caller may be told of this occurrence
  public static Response of(int status, String detail) {
    return answer(status, fields(BLANK, status, detail)).build();
  }

  /// An answer to what is no call, under a name of its own.
  ///
  /// @param name the last part of its `type`
  /// @param detail as in [#of(int, String)]
  static Response of(String name, int status, String detail) {
    return answer(status, fields(ERROR + name, status, detail)).build();
  }

  @ServerExceptionMapper
  public Response refused(RefusedException refused) {
    return of(refused.refusal());
  }

  /// What the HTTP layer itself refuses: no such path, method or media type.
  @ServerExceptionMapper
  public Response notServed(WebApplicationException failure) {
    Response own = failure.getResponse();
    if (own.hasEntity()) {
      return own;
    }
    String title = own.getStatusInfo().getReasonPhrase();
    return Response.fromResponse(own)
        .type(MEDIA_TYPE)
        .entity(fields(BLANK, own.getStatus(), title).toString())
        .build();
  }

  @ServerExceptionMapper
  public Response broken(Throwable failure) {
    Defects.log("A request", failure);
    return of(Response.Status.INTERNAL_SERVER_ERROR.getStatusCode(), Defects.TOLD);
  }

  private static Response.ResponseBuilder answer(int status, JsonFields fields) {
    return Response.status(status).type(MEDIA_TYPE).entity(fields.toString());
  }

  private static JsonFields fields(String type, int status, String detail) {
    return new JsonFields()
        .text("type", type)
        .text("title", HttpResponseStatus.valueOf(status).reasonPhrase())
        .number("status", status)
        .text("detail", detail);
  }

  private static int status(Refusal refusal) {
    return switch (refusal) {
      case Refusal.SessionNotFound _ -> 404;
      case Refusal.SessionBusy _ -> 409;
      case Refusal.SessionExists _ -> 409;
      case Refusal.InvalidRequest _ -> 400;
      case Refusal.LimitExceeded limit ->
          // What is too large stays so; what is too much may pass later.
          limit.limit().equals("content") || limit.limit().equals("line") ? 413 : TOO_MANY_REQUESTS;
      case Refusal.NotAllowed _ -> 403;
      case Refusal.Failed failed ->
          switch (failed.code()) {
            case UNAVAILABLE, DRAINING -> 503;
            case AGENT_UNKNOWN, MESSAGE_CREATE_ERROR -> 422;
            case AGENT_ERROR,
                MODEL_KEY_REFUSED,
                MODEL_NO_CREDIT,
                MODEL_UNKNOWN,
                MODEL_REFUSED,
                MODEL_RATE_LIMITED,
                MODEL_OVERLOADED,
                MODEL_UNREACHABLE,
                MODEL_LOST,
                MODEL_UNREADABLE,
                CONTEXT_TOO_LONG,
                CONTENT_FILTERED,
                COST_LIMIT ->
                502;
            case TURN_CREATE_ERROR, EVENT_UNREADABLE -> 500;
          };
    };
  }
}
