// The public client of effect 4.
import { Deferred, Effect, Fiber, Layer, Schedule, Schema, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { Rpc, RpcClient, RpcGroup, RpcSerialization } from "effect/rpc"
import { Socket } from "effect/socket"
import { WebSocket } from "ws"
import { main } from "../main.mjs"

globalThis.WebSocket ??= WebSocket

await main({
  name: "effect 4",
  query: "",
  effect: { Deferred, Effect, Fiber, Schedule, Stream },
  rpc: { Rpc, RpcClient, RpcGroup, RpcSerialization },
  schema: Schema,
  literal: (...values) => Schema.Literals(values),
  union: (...members) => Schema.Union(members),
  fork: Effect.forkChild,
  socket: (url, serialization) =>
    RpcClient.layerProtocolSocket().pipe(
      Layer.provide(Socket.layerWebSocket(url)),
      Layer.provide(Socket.layerWebSocketConstructorGlobal),
      Layer.provide(serialization),
    ),
  http: (url, serialization) =>
    RpcClient.layerProtocolHttp({ url }).pipe(
      Layer.provide(FetchHttpClient.layer),
      Layer.provide(serialization),
    ),
})
