// The public client of effect 4 beta.
import { Deferred, Effect, Fiber, Layer, Schedule, Schema, Stream } from "effect"
import { FetchHttpClient } from "effect/unstable/http"
import { Rpc, RpcClient, RpcGroup, RpcSerialization } from "effect/unstable/rpc"
import { Socket } from "effect/unstable/socket"
import { WebSocket } from "ws"
import { main } from "../main.mjs"

globalThis.WebSocket ??= WebSocket

await main({
  name: "effect 4 beta",
  query: "?dialect=v4beta",
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
