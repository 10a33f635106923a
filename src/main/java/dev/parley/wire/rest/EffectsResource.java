package dev.parley.wire.rest;

import dev.parley.effect.discrete.DiscreteEffects;
import dev.parley.session.Refusal;
import dev.parley.session.RefusedException;
import dev.parley.store.EffectInspector;
import dev.parley.store.EffectInspector.Rerun;
import dev.parley.store.EffectInspector.StoredEffect;
import dev.parley.store.EffectStatus;
import dev.parley.store.SessionReader;
import dev.parley.wire.auth.Access;
import dev.parley.wire.auth.Callers;
import dev.parley.wire.call.JsonFields;
import dev.parley.wire.call.PageLimits;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Discrete effects for operators: list them, look at one, let a failed one run again. What they
/// say is ids, states and times, never what was said in a session.
@Path("/api/effects")
@Tag(name = "effects")
public final class EffectsResource {
  private final EffectInspector inspector;
  private final DiscreteEffects effects;
  private final PageLimits.Limit page;
  private final Bodies bodies;
  private final Access access;

  EffectsResource(
      EffectInspector inspector,
      DiscreteEffects effects,
      EffectsSettings settings,
      Bodies bodies,
      Access access) {
    this.access = access;
    this.bodies = bodies;
    this.inspector = inspector;
    this.effects = effects;
    this.page = settings.page();
  }

  /// Effects in the order of their ids.
  ///
  /// @param status only those of this status
  /// @param after the id that they follow; there need not be such an effect
  @GET
  @Operation(operationId = "effects.list", summary = "Effects, for operators")
  @APIResponse(
      responseCode = "200",
      description = "Done.",
      content = @Content(mediaType = "application/json", schema = @Schema(ref = "EffectPage")))
  public Uni<Response> list(
      @Parameter(schema = @Schema(ref = "EffectStatus")) @QueryParam("status")
          @Nullable String status,
      @QueryParam("after") @Nullable String after,
      @Parameter(schema = @Schema(ref = "Limit")) @QueryParam("limit") @Nullable String limit,
      @Context RoutingContext http) {
    access.demandOperator(Callers.of(http));
    int wanted = limit(limit);
    if (after != null && !after.isEmpty() && !isId(after)) {
      throw wrong("after is not the id of an effect", "after");
    }
    return told(inspector.list(status(status), after == null ? "" : after, wanted + 1))
        .map(found -> answer(list(found, wanted)));
  }

  @GET
  @Path("/{id}")
  @Operation(operationId = "effects.find", summary = "One effect")
  @APIResponse(
      responseCode = "200",
      description = "Done.",
      content = @Content(mediaType = "application/json", schema = @Schema(ref = "Effect")))
  public Uni<Response> find(@PathParam("id") String id, @Context RoutingContext http) {
    access.demandOperator(Callers.of(http));
    if (!isId(id)) {
      return Uni.createFrom().item(unknown());
    }
    return told(inspector.find(id))
        .map(
            found -> found.map(effect -> answer(json(effect))).orElseGet(EffectsResource::unknown));
  }

  /// Lets a failed effect run again, at once. A body is read and means nothing.
  @POST
  @Path("/{id}/rerun")
  @Operation(operationId = "effects.rerun", summary = "Let a failed effect run again")
  @APIResponse(
      responseCode = "200",
      description = "Done.",
      content = @Content(mediaType = "application/json", schema = @Schema(ref = "Effect")))
  public Uni<Response> rerun(@PathParam("id") String id, @Context RoutingContext http) {
    access.demandOperator(Callers.of(http));
    return bodies.of(http).flatMap(_ -> rerun(id));
  }

  private Uni<Response> rerun(String id) {
    if (!isId(id)) {
      return Uni.createFrom().item(unknown());
    }
    return told(inspector.rerun(id))
        .map(outcome ->
            switch (outcome) {
              case Rerun.Done done -> {
                effects.wake(done.effect().sid());
                yield answer(json(done.effect()));
              }
              case Rerun.NotFailed other ->
                  Problems.of(
                      "EffectNotFailed",
                      Response.Status.CONFLICT.getStatusCode(),
                      "The effect is " + other.effect().status().word() + ", not failed.");
              case Rerun.Unknown _ -> unknown();
            });
  }

  /// What is none, and above all what the store would choke on, names no effect.
  private static boolean isId(String text) {
    return text.matches("[!-~]{1,128}");
  }

  private static @Nullable EffectStatus status(@Nullable String word) {
    if (word == null || word.isEmpty()) {
      return null;
    }
    return EffectStatus.of(word)
        .orElseThrow(
            () -> wrong("status is none of pending, executing, completed, failed", "status"));
  }

  private int limit(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return page.normal();
    }
    if (text.matches("[1-9][0-9]{0,8}") && Integer.parseInt(text) <= page.max()) {
      return Integer.parseInt(text);
    }
    throw wrong("limit is not a whole number from 1 to " + page.max(), "limit");
  }

  private static RefusedException wrong(String message, String field) {
    return new RefusedException(new Refusal.InvalidRequest(message, field));
  }

  private static <T> Uni<T> told(Uni<T> read) {
    return read.onFailure().transform(SessionReader::refused);
  }

  private static Response unknown() {
    return Problems.of(
        "EffectNotFound",
        Response.Status.NOT_FOUND.getStatusCode(),
        "There is no effect of that id.");
  }

  private static Response answer(String json) {
    return Response.ok(json, MediaType.APPLICATION_JSON).build();
  }

  static String list(List<StoredEffect> found, int wanted) {
    return new JsonFields()
        .raw(
            "effects",
            found.stream()
                .limit(wanted)
                .map(EffectsResource::json)
                .collect(Collectors.joining(",", "[", "]")))
        .flag("hasMore", found.size() > wanted)
        .toString();
  }

  static String json(StoredEffect effect) {
    return new JsonFields()
        .text("id", effect.id())
        .text("sessionId", effect.key().toString())
        .text("kind", effect.kind())
        .text("dedupeKey", effect.dedupeKey())
        .raw("payload", effect.payload().text())
        .text("status", effect.status().word())
        .number("attempts", effect.attempts())
        .nullableText("lastError", effect.lastError())
        .text("createdAt", effect.createdAt().toString())
        .text("expiresAt", effect.expiresAt().toString())
        .nullableText("lastAttemptAt", time(effect.lastAttemptAt()))
        .nullableText("nextAttemptAt", time(effect.nextAttemptAt()))
        .nullableText("leaseUntil", time(effect.leaseUntil()))
        .nullableText("finishedAt", time(effect.finishedAt()))
        .toString();
  }

  private static @Nullable String time(@Nullable Instant at) {
    return at == null ? null : at.toString();
  }
}
