// What every client of Parley must see, whichever version of the library it is written with: each
// version's client.mjs hands in its own modules and the few words that differ.
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"

/**
 * Runs the scenario over every carrier; throws at the first thing that is not as promised.
 *
 * @param version.effect the modules Deferred, Effect, Fiber, Stream
 * @param version.rpc the modules Rpc, RpcClient, RpcGroup
 * @param version.schema the module Schema
 * @param version.literal a schema of one of several strings
 * @param version.union a schema of one of several schemas
 * @param version.fork starts a child fiber
 * @param version.carriers protocol layers by the path they use
 */
export const run = async (version) => {
  const { name, literal, union, fork, carriers } = version
  const { Deferred, Effect, Fiber, Stream } = version.effect
  const { Rpc, RpcClient, RpcGroup } = version.rpc
  const { Boolean, NullOr, Number, String, Struct, Unknown, optional } = version.schema
  const list = version.schema.Array
  const tagged = (tag, fields) => Struct({ _tag: literal(tag), ...fields })

  const RpcErrors = union(
    tagged("ChatSessionNotFoundRpcError", { sessionId: String }),
    tagged("ChatSessionBusyRpcError", { sessionId: String }),
    tagged("ChatOperationRpcError", { message: String, code: String, retryable: Boolean }),
    tagged("InvalidRequestRpcError", { message: String, field: optional(String) }),
    tagged("SessionExistsRpcError", { sessionId: String }),
    tagged("LimitExceededRpcError", {
      limit: String,
      message: String,
      retryAfterMs: optional(Number),
    }),
    tagged("NotAllowedRpcError", { message: String }),
  )

  const Session = Struct({
    id: String,
    userId: String,
    agentId: String,
    threadId: String,
    title: NullOr(String),
    status: literal("idle", "streaming"),
    model: NullOr(String),
    usage: Struct({
      inputTokens: Number,
      outputTokens: Number,
      cacheReadTokens: Number,
      cacheCreationTokens: Number,
    }),
    createdAt: String,
    lastActivityAt: String,
    incarnation: String,
  })

  const sessions = { sessions: list(Session), hasMore: Boolean }

  const SessionChange = union(
    tagged("SessionListed", sessions),
    tagged("SessionChanged", { session: Session }),
    tagged("SessionRemoved", { sessionId: String }),
  )

  const ChatMessage = Struct({
    id: String,
    sessionId: String,
    role: literal("user", "assistant", "system"),
    parts: list(Struct({ type: String, text: optional(String) })),
    createdAt: String,
    turnId: optional(String),
    metadata: optional(
      Struct({
        interrupted: optional(Boolean),
        usage: optional(Session.fields.usage),
        model: optional(String),
      }),
    ),
  })

  const Turn = Struct({
    id: String,
    sessionId: String,
    messageId: String,
    status: literal("streaming", "completed", "interrupted", "error"),
    startedAt: String,
    completedAt: NullOr(String),
    reason: NullOr(String),
  })

  const QueuedMessage = Struct({
    id: String,
    content: String,
    parts: optional(list(Unknown)),
    queuedAt: String,
    clientMessageId: optional(String),
  })

  const snapshot = {
    status: literal("idle", "streaming"),
    activeTurnId: NullOr(String),
    queue: list(QueuedMessage),
    historyCursor: Struct({ lastMessageId: NullOr(String), lastMessageAt: NullOr(String) }),
  }

  const ChatStreamEvent = Struct({
    type: String,
    id: optional(String),
    delta: optional(String),
    messageId: optional(String),
    finishReason: optional(String),
  })

  const numbered = (tag, fields) =>
    tagged(tag, { ...fields, seq: Number, firstSeq: optional(Number) })

  const SessionEvent = union(
    tagged("InitialState", {
      snapshot: Struct(snapshot),
      buffer: list(ChatStreamEvent),
      seq: Number,
      incarnation: String,
      reset: Boolean,
      turnContext: optional(
        Struct({ turnId: String, messageId: String, content: String, startedAt: String }),
      ),
    }),
    numbered("UserMessage", {
      message: Struct({ id: String, content: String, clientMessageId: optional(String) }),
    }),
    numbered("SessionStarted", { turnId: String, messageId: String, startedAt: String }),
    numbered("StreamEvent", { turnId: String, event: ChatStreamEvent }),
    numbered("SessionStopped", {
      turnId: String,
      reason: literal("completed", "interrupted", "error"),
      discarded: optional(Boolean),
      retryable: optional(Boolean),
      error: optional(Struct({ code: String, message: String })),
    }),
    numbered("MessageQueued", { message: QueuedMessage }),
    numbered("MessageDequeued", { messageId: String, reason: literal("started", "removed") }),
  )

  const call = (tag, payload, success, stream = false) =>
    Rpc.make(tag, { payload, success, error: RpcErrors, stream })

  const Calls = RpcGroup.make(
    call(
      "session.create",
      { userId: String, agentId: String, threadId: optional(String), title: optional(String) },
      Session,
    ),
    call("session.get", { sessionId: String }, Session),
    call(
      "chat.subscribe",
      { sessionId: String, afterSeq: optional(Number), incarnation: optional(String) },
      SessionEvent,
      true,
    ),
    call(
      "chat.send",
      { sessionId: String, content: String, clientMessageId: optional(String) },
      Struct({
        status: literal("started", "queued"),
        messageId: String,
        turnId: optional(String),
        queuedMessage: optional(QueuedMessage),
        duplicate: optional(Boolean),
      }),
    ),
    call(
      "chat.interrupt",
      { sessionId: String, turnId: optional(String), discard: optional(Boolean) },
      Struct({ interrupted: Boolean, turnId: optional(String), seq: optional(Number) }),
    ),
    call("chat.dequeue", { sessionId: String, messageId: String }, Struct({ removed: Boolean })),
    call(
      "chat.getState",
      { sessionId: String },
      Struct({ ...snapshot, seq: Number, incarnation: String }),
    ),
    call(
      "chat.getHistory",
      {
        sessionId: String,
        afterMessageId: optional(String),
        beforeMessageId: optional(String),
        last: optional(union(Boolean, Number)),
        limit: optional(Number),
      },
      Struct({ messages: list(ChatMessage), hasMore: Boolean }),
    ),
    call(
      "session.listTurns",
      { sessionId: String, after: optional(String), limit: optional(Number) },
      Struct({ turns: list(Turn), hasMore: Boolean }),
    ),
    call(
      "session.list",
      {
        userId: String,
        agentId: optional(String),
        after: optional(String),
        limit: optional(Number),
      },
      Struct(sessions),
    ),
    call("session.watch", { userId: String }, SessionChange, true),
    call("session.delete", { sessionId: String }, Struct({ deleted: Boolean })),
  )

  const countTo = (n) => Array.from({ length: n }, (_, i) => `${i + 1} `).join("")

  const deltas = (events) =>
    events
      .filter((e) => e._tag === "StreamEvent" && e.event.type === "text-delta")
      .map((e) => e.event.delta)
      .join("")

  /** Follows a session until `isLast`; ready once the first event is here. */
  const follow = (client, payload, isLast) => watch(client, "chat.subscribe", payload, isLast)

  const watch = (client, stream, payload, isLast) =>
    Effect.gen(function* () {
      const ready = yield* Deferred.make()
      const events = []
      const fiber = yield* fork(
        client(stream, payload).pipe(
          Stream.takeUntil(isLast),
          Stream.runForEach((event) => {
            events.push(event)
            return Deferred.succeed(ready, undefined)
          }),
        ),
      )
      yield* Effect.raceFirst(Deferred.await(ready), Fiber.join(fiber))
      return { events, fiber }
    })

  const stopped = (event) => event._tag === "SessionStopped"

  const scenario = Effect.gen(function* () {
    const client = yield* RpcClient.make(Calls, { flatten: true })

    const created = yield* client("session.create", {
      userId: `u-${randomUUID()}`,
      agentId: "demo",
      title: "Zwölf Boxkämpfer",
    })
    const sessionId = created.id
    assert.equal(sessionId, `${created.userId}:demo:${created.threadId}`)
    const read = yield* client("session.get", { sessionId })
    assert.equal(read.title, "Zwölf Boxkämpfer")

    const { events, fiber } = yield* follow(client, { sessionId }, stopped)
    assert.equal(events[0]._tag, "InitialState")
    const sent = yield* client("chat.send", {
      sessionId,
      content: "/count 500 0",
      clientMessageId: randomUUID(),
    })
    assert.equal(sent.status, "started")
    yield* Fiber.join(fiber)
    assert.equal(deltas(events), countTo(500))
    assert.equal(events.at(-1).reason, "completed")
    let cursor = events[0].seq
    for (const event of events.slice(1)) {
      assert.equal(event.firstSeq ?? event.seq, cursor + 1, "the stream has a gap")
      cursor = event.seq
    }

    const unknown = `u:demo:${randomUUID()}`
    const notFound = yield* Effect.flip(client("session.get", { sessionId: unknown }))
    assert.equal(notFound._tag, "ChatSessionNotFoundRpcError")
    assert.equal(notFound.sessionId, unknown)
    const invalid = yield* Effect.flip(client("session.get", { sessionId: "u:no agent:t" }))
    assert.equal(invalid._tag, "InvalidRequestRpcError")
    assert.equal(invalid.field, "agentId")
    const notThere = yield* Effect.flip(
      Stream.runDrain(client("chat.subscribe", { sessionId: unknown })),
    )
    assert.equal(notThere._tag, "ChatSessionNotFoundRpcError")

    // giving up a stream ends neither the turn nor the connection
    const first = yield* follow(client, { sessionId }, () => false)
    const second = yield* follow(client, { sessionId }, stopped)
    yield* client("chat.send", { sessionId, content: "/hang 20" })
    yield* Fiber.interrupt(first.fiber)
    const state = yield* client("chat.getState", { sessionId })
    assert.ok(state.seq >= cursor)
    const interrupted = yield* client("chat.interrupt", { sessionId })
    assert.equal(interrupted.interrupted, true)
    yield* Fiber.join(second.fiber)
    assert.equal(second.events.at(-1).reason, "interrupted")

    // what is listed
    const userId = created.userId
    const watched = yield* watch(
      client,
      "session.watch",
      { userId },
      (change) => change._tag === "SessionRemoved",
    )
    assert.equal(watched.events[0]._tag, "SessionListed")
    assert.equal(watched.events[0].sessions[0].id, sessionId)
    const history = yield* client("chat.getHistory", { sessionId })
    assert.deepEqual(
      history.messages.map((message) => message.role),
      ["user", "assistant", "user", "assistant"],
    )
    assert.equal(history.hasMore, false)
    assert.equal(history.messages[1].parts.at(-1).text, countTo(500))
    assert.equal(history.messages[3].metadata.interrupted, true)
    const newest = yield* client("chat.getHistory", { sessionId, last: 1 })
    assert.equal(newest.messages[0].id, history.messages[3].id)
    assert.equal(newest.hasMore, true)
    const before = yield* client("chat.getHistory", {
      sessionId,
      beforeMessageId: newest.messages[0].id,
      limit: 3,
    })
    assert.deepEqual(before.messages, history.messages.slice(0, 3))
    const noCursor = yield* Effect.flip(
      client("chat.getHistory", { sessionId, afterMessageId: "no-such" }),
    )
    assert.equal(noCursor._tag, "InvalidRequestRpcError")
    assert.equal(noCursor.field, "afterMessageId")
    const turns = yield* client("session.listTurns", { sessionId, limit: 1 })
    assert.equal(turns.turns[0].status, "completed")
    assert.equal(turns.hasMore, true)
    const listed = yield* client("session.list", { userId })
    assert.equal(listed.sessions.length, 1)
    const deleted = yield* client("session.delete", { sessionId })
    assert.equal(deleted.deleted, true)
    yield* Fiber.join(watched.fiber)
    assert.equal(watched.events.at(-1).sessionId, sessionId)
    assert.equal((yield* client("session.list", { userId })).sessions.length, 0)
    return cursor
  })

  for (const [path, protocol] of Object.entries(carriers)) {
    const started = performance.now()
    await Effect.runPromise(
      scenario.pipe(Effect.scoped, Effect.provide(protocol), Effect.timeout("60 seconds")),
    )
    console.log(`${name} over ${path}: ok in ${Math.round(performance.now() - started)} ms`)
  }
}
