package dev.parley.wire.rest;

import dev.parley.wire.call.Calls;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
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

/// What is said in a session, over plain HTTP: each method is the call it names. What sets a turn
/// in motion answers 202: the answer of the agent is still to come.
@Path(SessionsResource.PATH)
@Tag(name = "messages")
@Produces(MediaType.APPLICATION_JSON)
public final class MessagesResource {
  private final Calls calls;
  private final Bodies bodies;

  MessagesResource(Calls calls, Bodies bodies) {
    this.calls = calls;
    this.bodies = bodies;
  }

  /// `chat.getHistory`.
  ///
  /// @param last `true`, or how many
  @GET
  @Operation(operationId = "chat.getHistory", summary = "A session's messages")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}/messages")
  public Uni<String> messages(
      @PathParam("id") String id,
      @QueryParam("after") @Nullable String after,
      @QueryParam("before") @Nullable String before,
      @QueryParam("last") @Nullable String last,
      @QueryParam("limit") @Nullable String limit,
      @Context RoutingContext http) {
    return new RestCall.Query()
        .session(id)
        .text("afterMessageId", "after", after)
        .text("beforeMessageId", "before", before)
        .literal("last", last)
        .literal("limit", limit)
        .to(calls, http, "chat.getHistory")
        .json();
  }

  /// `chat.send`.
  @POST
  @Operation(operationId = "chat.send", summary = "Say something")
  @APIResponse(responseCode = "202", description = "The turn is started, or waits.")
  @Path("/{id}/messages")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<Response> send(@PathParam("id") String id, @Context RoutingContext http) {
    return RestCall.ofBody(calls, http, "chat.send", id, bodies.of(http))
        .response(Response.Status.ACCEPTED);
  }

  /// `chat.regenerate`.
  @POST
  @Operation(operationId = "chat.regenerate", summary = "Answer a message again")
  @APIResponse(responseCode = "202", description = "The turn is started, or waits.")
  @Path("/{id}/regenerate")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<Response> regenerate(@PathParam("id") String id, @Context RoutingContext http) {
    return RestCall.ofBody(calls, http, "chat.regenerate", id, bodies.of(http))
        .response(Response.Status.ACCEPTED);
  }

  /// `chat.interrupt`.
  @POST
  @Operation(operationId = "chat.interrupt", summary = "Stop the running turn")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}/interrupt")
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<String> interrupt(@PathParam("id") String id, @Context RoutingContext http) {
    return RestCall.ofBody(calls, http, "chat.interrupt", id, bodies.of(http)).json();
  }

  /// `chat.dequeue`.
  @DELETE
  @Operation(operationId = "chat.dequeue", summary = "Take a waiting message back")
  @APIResponse(responseCode = "200", description = "Done.")
  @Path("/{id}/queue/{messageId}")
  public Uni<String> dequeue(
      @PathParam("id") String id,
      @PathParam("messageId") String messageId,
      @Context RoutingContext http) {
    return new RestCall.Query()
        .session(id)
        .text("messageId", messageId)
        .to(calls, http, "chat.dequeue")
        .json();
  }
}
