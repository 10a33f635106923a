// The public client of effect 3.
import { FetchHttpClient, Socket } from "@effect/platform"
import { Rpc, RpcClient, RpcGroup, RpcSerialization } from "@effect/rpc"
import { Deferred, Effect, Fiber, Layer, Schedule, Schema, Stream } from "effect"
import { WebSocket } from "ws"
import { main } from "../main.mjs"

globalThis.WebSocket ??= WebSocket

await main({
  name: "effect 3",
  query: "",
  effect: { Deferred, Effect, Fiber, Schedule, Stream },
  rpc: { Rpc, RpcClient, RpcGroup, RpcSerialization },
  schema: Schema,
  literal: Schema.Literal,
  union: Schema.Union,
  fork: Effect.fork,
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
