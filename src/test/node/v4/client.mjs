// Drives a running server with the public client of effect 4: node client.mjs http://host:port
import { Deferred, Effect, Fiber, Layer, Schema, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { Rpc, RpcClient, RpcGroup, RpcSerialization } from "effect/rpc"
import { Socket } from "effect/socket"
import { WebSocket } from "ws"
import { run } from "../scenario.mjs"

globalThis.WebSocket ??= WebSocket

const base = new URL(process.argv[2])
const socketUrl = new URL("/ws", base.href.replace(/^http/, "ws")).href

await run({
  name: "effect 4",
  effect: { Deferred, Effect, Fiber, Stream },
  rpc: { Rpc, RpcClient, RpcGroup },
  schema: Schema,
  literal: (...values) => Schema.Literals(values),
  union: (...members) => Schema.Union(members),
  fork: Effect.forkChild,
  carriers: {
    "/ws": RpcClient.layerProtocolSocket().pipe(
      Layer.provide(Socket.layerWebSocket(socketUrl)),
      Layer.provide(Socket.layerWebSocketConstructorGlobal),
      Layer.provide(RpcSerialization.layerNdjson),
    ),
    "/api/rpc": RpcClient.layerProtocolHttp({ url: new URL("/api/rpc", base).href }).pipe(
      Layer.provide(FetchHttpClient.layer),
      Layer.provide(RpcSerialization.layerNdjson),
    ),
  },
})
process.exit(0)
