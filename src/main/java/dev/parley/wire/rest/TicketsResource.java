package dev.parley.wire.rest;

import dev.parley.wire.auth.Caller;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.auth.Tickets;
import dev.parley.wire.call.ReplyJson;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// Tickets for browsers. Who asks for one shows a token, as everywhere.
@Path("/api/tickets")
@Tag(name = "tickets")
public final class TicketsResource {
  private final Tickets tickets;
  private final Bodies bodies;

  TicketsResource(Tickets tickets, Bodies bodies) {
    this.tickets = tickets;
    this.bodies = bodies;
  }

  /// One ticket. A body is read and means nothing.
  @POST
  @Operation(operationId = "tickets.issue", summary = "A ticket for one connection of a browser")
  @APIResponse(
      responseCode = "201",
      description = "It is good once, in the query of a socket's or an event stream's address.",
      content = @Content(mediaType = "application/json", schema = @Schema(ref = "Ticket")))
  @Consumes(MediaType.APPLICATION_JSON)
  public Uni<Response> issue(@Context RoutingContext http) {
    Caller caller = Callers.of(http);
    return bodies.of(http).map(_ -> issue(caller));
  }

  private Response issue(Caller caller) {
    if (caller.userId() == null) {
      return Problems.of(
          "AuthenticationOff",
          Response.Status.NOT_FOUND.getStatusCode(),
          "Nobody is asked who he is here: no ticket is needed.");
    }
    return Response.status(Response.Status.CREATED)
        .entity(ReplyJson.ticket(tickets.issue(caller)))
        .type(MediaType.APPLICATION_JSON)
        .header(HttpHeaders.CACHE_CONTROL, "no-store")
        .build();
  }
}
