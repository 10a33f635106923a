package dev.parley.wire.rest;

import dev.parley.wire.call.Calls;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Sessions over plain HTTP: each method is the call it names. `{id}` is the session's key, its
/// colons percent-encoded or not.
@Path(SessionsResource.PATH)
@Tag(name = "sessions")
@Produces(MediaType.APPLICATION_JSON)
public final class SessionsResource {
  static final String PATH = "/api/sessions";

  private final Calls calls;
  private final Bodies bodies;

  SessionsResource(Calls calls, Bodies bodies) {
    this.calls = calls;
    this.bodies = bodies;
  }

  /// `session.list`.
  @GET
  @Operation(operationId = "session.list", summary = "A user's sessions")
  @APIResponse(responseCode = "200", description = "Done.")
  public Uni<String> list(
      @QueryParam("userId") @Nullable String userId,
      @QueryParam("agentId") @Nullable String agentId,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit,
      @Context RoutingContext http) {
    return new RestCall.Query()
        .text("userId", userId)
        .text("agentId", agentId)
        .text("after", after)
        .literal("limit", limit)
        .to(calls, http, "session.list")
        .json();
  }

  /// `session.create`; the answer says where the session is.
  @POST
  @Operation(operationId = "session.create", summary = "Make a session")
  @APIResponse(responseCode = "201", description = "It is made; `Location` is its address.")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<Response> create(@Context RoutingContext http) {
    return RestCall.ofBody(calls, http, "session.create", bodies.of(http)).created();
  }

  /// `session.get`.
  @GET
  @Operation(operationId = "session.get", summary = "One session")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}")
  public Uni<String> find(@PathParam("id") String id, @Context RoutingContext http) {
    return ofSession("session.get", id, http);
  }

  /// `session.update`.
  @PATCH
  @Operation(operationId = "session.update", summary = "Rename a session")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<String> update(@PathParam("id") String id, @Context RoutingContext http) {
    return RestCall.ofBody(calls, http, "session.update", id, bodies.of(http)).json();
  }

  /// `session.delete`.
  @DELETE
  @Operation(operationId = "session.delete", summary = "Delete a session")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}")
  public Uni<String> delete(@PathParam("id") String id, @Context RoutingContext http) {
    return ofSession("session.delete", id, http);
  }

  /// `session.touch`.
  @POST
  @Operation(operationId = "session.touch", summary = "Count as activity")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}/touch")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<String> touch(@PathParam("id") String id, @Context RoutingContext http) {
    return RestCall.ofBody(calls, http, "session.touch", id, bodies.of(http)).json();
  }

  /// `chat.getState`.
  @GET
  @Operation(operationId = "chat.getState", summary = "What a session is doing")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}/state")
  public Uni<String> state(@PathParam("id") String id, @Context RoutingContext http) {
    return ofSession("chat.getState", id, http);
  }

  /// `session.listTurns`.
  @GET
  @Operation(operationId = "session.listTurns", summary = "A session's turns")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}/turns")
  public Uni<String> turns(
      @PathParam("id") String id,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable String limit,
      @Context RoutingContext http) {
    return new RestCall.Query()
        .session(id)
        .text("after", after)
        .literal("limit", limit)
        .to(calls, http, "session.listTurns")
        .json();
  }

  private Uni<String> ofSession(String tag, String id, RoutingContext http) {
    return new RestCall.Query().session(id).to(calls, http, tag).json();
  }
}
