package dev.parley.app;

import dev.parley.actor.SessionHub;
import dev.parley.effect.EffectRunner;
import dev.parley.effect.watch.SessionWatches;
import dev.parley.loop.Ids;
import dev.parley.store.ColdReads;
import dev.parley.store.Outbox;
import dev.parley.store.SessionReader;
import dev.parley.store.page.PageReader;
import dev.parley.store.page.Pages;
import dev.parley.store.page.TurnReader;
import dev.parley.wire.auth.Access;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.call.PageLimits;
import dev.parley.wire.call.SessionCalls;
import dev.parley.wire.connection.ConnectionSettings;
import dev.parley.wire.connection.Farewell;
import dev.parley.wire.connection.RequestBytes;
import dev.parley.wire.connection.WireMetrics;
import dev.parley.wire.rest.EffectsSettings;
import dev.parley.wire.rest.RestSettings;
import dev.parley.wire.rpc.RpcSettings;
import dev.parley.wire.sse.SseSettings;
import dev.parley.wire.thread.ThreadSettings;
import dev.parley.wire.thread.Threads;
import dev.parley.wire.turn.ChatNames;
import dev.parley.wire.turn.TurnStreams;
import dev.parley.wire.ui.ChatDoor;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Puts the wire together, as [Composition] does the rest.
@Singleton
class WireComposition {
  private final ParleyConfig config;
  private final Ids ids;

  WireComposition(ParleyConfig config, Ids ids) {
    this.config = config;
    this.ids = ids;
  }

  @Produces
  @Singleton
  SessionCalls calls(
      SessionHub hub,
      EffectRunner runner,
      SessionReader reader,
      Pages pages,
      SessionWatches watches,
      JsonLimits json,
      Access access) {
    return new SessionCalls(
        hub,
        runner,
        reader,
        new PageReader(pages, config.history().pageBytesMax()),
        watches,
        ids,
        config.message().contentBytesMax(),
        new PageLimits(
            limit(config.history()), limit(config.turnList()), limit(config.sessionList())),
        json,
        access);
  }

  @Produces
  @Singleton
  EffectsSettings effectsSettings() {
    return new EffectsSettings(limit(config.effectList()));
  }

  @Produces
  @Singleton
  RestSettings restSettings(
      @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize requestMax) {
    return new RestSettings(
        config.rpc().lineBytesMax(), config.rpc().bodyTimeout(), requestMax.asLongValue());
  }

  private static PageLimits.Limit limit(ParleyConfig.PageConfig page) {
    return new PageLimits.Limit(page.limitDefault(), page.limitMax());
  }

  @Produces
  @Singleton
  ChatNames chatNames() {
    return new ChatNames(config.chat().defaultUser(), config.chat().defaultAgent());
  }

  @Produces
  @Singleton
  TurnReader turnReader(Pages pages, ColdReads coldReads, Outbox outbox) {
    return new TurnReader(pages, coldReads, outbox);
  }

  @Produces
  @Singleton
  TurnStreams turnStreams(EffectRunner runner, TurnReader turns) {
    return new TurnStreams(runner, turns);
  }

  @Produces
  @Singleton
  Threads threads(SessionHub hub, SessionReader reader, TurnReader turns, TurnStreams streams) {
    return new Threads(hub, reader, turns, streams);
  }

  @Produces
  @Singleton
  ChatDoor chatDoor(SessionHub hub, SessionReader reader, TurnReader turns) {
    return new ChatDoor(hub, reader, turns, config.message().contentBytesMax());
  }

  @Produces
  @Singleton
  SseSettings sseSettings(
      @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize bodyMax) {
    return new SseSettings(config.rpc().pingInterval(), bodyMax.asLongValue());
  }

  @Produces
  @Singleton
  ThreadSettings threadSettings(ConnectionSettings connection) {
    return new ThreadSettings(
        config.thread().requestsMax(),
        config.rpc().lineBytesMax(),
        config.message().contentBytesMax(),
        connection);
  }

  @Produces
  @Singleton
  ConnectionSettings connectionSettings() {
    WireConfig.RpcConfig rpc = config.rpc();
    WireConfig.SocketConfig socket = config.socket();
    return new ConnectionSettings(
        rpc.unwrittenCharsMax(),
        rpc.pingInterval(),
        rpc.pongTimeout(),
        socket.framesPerSecondMax(),
        socket.framesBurstMax());
  }

  @Produces
  @Singleton
  RpcSettings rpcSettings(ConnectionSettings connection) {
    WireConfig.RpcConfig rpc = config.rpc();
    return new RpcSettings(
        rpc.callsMax(),
        rpc.streamsMax(),
        rpc.lineBytesMax(),
        rpc.garbageMax(),
        rpc.gatheredCharsMax(),
        rpc.bodyTimeout(),
        connection);
  }

  @Produces
  @Singleton
  Farewell farewell() {
    return new Farewell(config.stop().retryAfterMin(), config.stop().retryAfterMax());
  }

  @Produces
  @Singleton
  JsonLimits jsonLimits() {
    return new JsonLimits(config.json().depthMax());
  }

  @Produces
  @Singleton
  RequestBytes requestBytes(Vertx vertx, WireMetrics metrics) {
    return new RequestBytes(vertx, metrics, config.rpc().bodyTimeout());
  }

  @Produces
  @Singleton
  WireMetrics wireMetrics(MeterRegistry metrics) {
    return new WireMetrics(metrics);
  }
}
