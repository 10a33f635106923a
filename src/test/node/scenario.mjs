// What every client of Parley must see, whichever version of the library it is written with and
// whichever way it talks.
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { following } from "./follow.mjs"

const countTo = (n) => Array.from({ length: n }, (_, i) => `${i + 1} `).join("")

const deltas = (events) =>
  events
    .filter((e) => e._tag === "StreamEvent" && e.event.type === "text-delta")
    .map((e) => e.event.delta)
    .join("")

const assertNoGap = (events) => {
  assert.equal(events[0]._tag, "InitialState")
  let cursor = events[0].seq
  for (const event of events.slice(1)) {
    assert.equal(event.firstSeq ?? event.seq, cursor + 1, "the stream has a gap")
    cursor = event.seq
  }
}

const stopped = (event) => event._tag === "SessionStopped"

/**
 * Every call, and every error that can be provoked. Throws at the first thing that is not as
 * promised.
 *
 * @param version the library's modules and words, as client.mjs hands them in
 * @param calls the group that contract.mjs declares
 * @param carrier.live whether the values of a stream come while it runs
 */
export const scenario = (version, calls, carrier) => {
  const { Effect, Fiber, Stream } = version.effect
  const { watch, until, untilMetrics } = following(version)

  const sessions = Effect.fn(function* (client, userId) {
    const create = { userId, agentId: "demo", title: "Zwölf Boxkämpfer" }
    const created = yield* client("session.create", create)
    const sessionId = created.id
    assert.equal(sessionId, `${userId}:demo:${created.threadId}`)
    assert.equal((yield* client("session.get", { sessionId })).title, "Zwölf Boxkämpfer")
    const renamed = yield* client("session.update", { sessionId, title: "Deich" })
    assert.equal(renamed.title, "Deich")
    const touched = yield* client("session.touch", { sessionId })
    assert.ok(touched.lastActivityAt >= created.lastActivityAt)
    // whose outcome is not wanted
    assert.equal(yield* client("session.touch", { sessionId }, { discard: true }), undefined)
    return sessionId
  })

  const errors = Effect.fn(function* (client, sessionId) {
    const refused = (tag, payload) => Effect.flip(client(tag, payload))
    const unknown = `u:demo:${randomUUID()}`
    for (const tag of [
      "session.get",
      "session.touch",
      "session.listTurns",
      "chat.getState",
      "chat.getHistory",
      "chat.interrupt",
      "chat.regenerate",
    ]) {
      const notFound = yield* refused(tag, { sessionId: unknown })
      assert.equal(notFound._tag, "ChatSessionNotFoundRpcError", tag)
      assert.equal(notFound.sessionId, unknown)
    }
    const notThere = yield* Effect.flip(
      Stream.runDrain(client("chat.subscribe", { sessionId: unknown })),
    )
    assert.equal(notThere._tag, "ChatSessionNotFoundRpcError")
    const [userId, agentId, threadId] = sessionId.split(":")
    const exists = yield* refused("session.create", { userId, agentId, threadId })
    assert.equal(exists._tag, "SessionExistsRpcError")
    assert.equal(exists.sessionId, sessionId)
    const invalid = yield* refused("session.get", { sessionId: "u:no agent:t" })
    assert.equal(invalid._tag, "InvalidRequestRpcError")
    assert.equal(invalid.field, "agentId")
    const noCursor = yield* refused("chat.getHistory", { sessionId, afterMessageId: "no-such" })
    assert.equal(noCursor.field, "afterMessageId")
    const stranger = yield* refused("session.create", { userId, agentId: "stranger" })
    assert.equal(stranger._tag, "ChatOperationRpcError")
    assert.equal(stranger.code, "AGENT_UNKNOWN")
    assert.equal(stranger.retryable, false)
    for (const [limit, bytes] of [
      ["content", 1024 * 1024 + 1],
      ["line", 3 * 1024 * 1024],
    ]) {
      const tooLong = yield* refused("chat.send", { sessionId, content: "x".repeat(bytes) })
      assert.equal(tooLong._tag, "LimitExceededRpcError")
      assert.equal(tooLong.limit, limit)
    }
  })

  const turns = Effect.fn(function* (client, sessionId) {
    const send = (content, more) => client("chat.send", { sessionId, content, ...more })
    const clientMessageId = randomUUID()
    const followed = carrier.live ? yield* watch(client, "chat.subscribe", { sessionId }, stopped) : undefined
    const sent = yield* send("/count 500 0", { clientMessageId })
    assert.equal(sent.status, "started")
    if (followed !== undefined) {
      yield* Fiber.join(followed.fiber)
      assert.equal(deltas(followed.events), countTo(500))
      assert.equal(followed.events.at(-1).reason, "completed")
      assertNoGap(followed.events)
    }
    yield* until(client("chat.getState", { sessionId }), (state) => state.status === "idle")
    const again = yield* send("/count 500 0", { clientMessageId })
    assert.equal(again.duplicate, true)
    assert.equal(again.messageId, sent.messageId)

    // busy
    const hanging = yield* send("/hang 20")
    assert.equal(hanging.status, "started")
    const busy = yield* Effect.flip(send("x", { whenBusy: "reject" }))
    assert.equal(busy._tag, "ChatSessionBusyRpcError")
    assert.equal(busy.sessionId, sessionId)
    const queued = yield* send("later")
    assert.equal(queued.status, "queued")
    assert.equal(queued.queuedMessage.content, "later")
    assert.equal((yield* client("chat.getState", { sessionId })).queue.length, 1)
    const dequeue = { sessionId, messageId: queued.messageId }
    assert.equal((yield* client("chat.dequeue", dequeue)).removed, true)
    assert.equal((yield* client("chat.dequeue", dequeue)).removed, false)

    // giving up a stream ends neither the turn nor the connection, and neither does giving up a call
    const first = yield* watch(client, "chat.subscribe", { sessionId }, () => false, carrier.live)
    yield* Fiber.interrupt(first.fiber)
    const given = yield* version.fork(client("session.get", { sessionId }))
    yield* Fiber.interrupt(given)
    assert.equal((yield* client("chat.getState", { sessionId })).status, "streaming")

    const second = carrier.live ? yield* watch(client, "chat.subscribe", { sessionId }, stopped) : undefined
    assert.equal((yield* client("chat.interrupt", { sessionId })).interrupted, true)
    assert.equal((yield* client("chat.interrupt", { sessionId })).interrupted, false)
    if (second !== undefined) {
      yield* Fiber.join(second.fiber)
      assert.equal(second.events.at(-1).reason, "interrupted")
    }

    const regenerated = yield* client("chat.regenerate", { sessionId, content: "/count 3 0" })
    assert.equal(regenerated.status, "started")
    yield* until(client("chat.getState", { sessionId }), (state) => state.status === "idle")

    if (carrier.live) {
      // nothing is said for so long that the server has to show that it lives
      const silent = yield* watch(client, "chat.subscribe", { sessionId }, stopped)
      yield* send("/slowstart 4000")
      yield* Fiber.join(silent.fiber)
      assert.equal(deltas(silent.events), countTo(10))
      assertNoGap(silent.events)
    } else {
      yield* send("/count 10 0")
      yield* until(client("chat.getState", { sessionId }), (state) => state.status === "idle")
    }
  })

  const lists = Effect.fn(function* (client, sessionId, userId) {
    const history = yield* client("chat.getHistory", { sessionId })
    assert.deepEqual(
      history.messages.map((message) => message.role),
      ["user", "assistant", "user", "assistant", "user", "assistant"],
    )
    assert.equal(history.hasMore, false)
    assert.equal(history.messages[1].parts.at(-1).text, countTo(500))
    assert.equal(history.messages[3].parts.at(-1).text, countTo(3))
    const newest = yield* client("chat.getHistory", { sessionId, last: 1 })
    assert.equal(newest.messages[0].id, history.messages[5].id)
    assert.equal(newest.hasMore, true)
    const before = yield* client("chat.getHistory", {
      sessionId,
      beforeMessageId: newest.messages[0].id,
      limit: 5,
    })
    assert.deepEqual(before.messages, history.messages.slice(0, 5))
    const turns = yield* client("session.listTurns", { sessionId })
    assert.deepEqual(
      turns.turns.map((turn) => turn.status),
      ["completed", "interrupted", "completed", "completed"],
    )
    assert.equal((yield* client("session.listTurns", { sessionId, limit: 1 })).hasMore, true)
    const listed = yield* client("session.list", { userId })
    assert.deepEqual(
      listed.sessions.map((session) => session.id),
      [sessionId],
    )
  })

  const deletion = Effect.fn(function* (client, sessionId, userId) {
    const removed = (change) => change._tag === "SessionRemoved"
    // a watch never ends by itself, so its values never come to a client that wants them in one piece
    const watched = carrier.live
      ? yield* watch(client, "session.watch", { userId }, removed)
      : undefined
    // a subscription does, with its session
    if (!carrier.live) {
      yield* untilMetrics('parley_connections_active{endpoint="/api/rpc"} 0.0')
    }
    const last = yield* watch(
      client,
      "chat.subscribe",
      { sessionId, afterSeq: 0 },
      () => false,
      carrier.live,
    )
    if (!carrier.live) {
      yield* untilMetrics('parley_connections_active{endpoint="/api/rpc"} 1.0')
    }
    assert.equal((yield* client("session.delete", { sessionId })).deleted, true)
    assert.equal((yield* client("session.delete", { sessionId })).deleted, false)
    yield* Fiber.join(last.fiber)
    assert.equal(last.events.at(-1)._tag, "SessionDeleted")
    assertNoGap([{ ...last.events[0], seq: 0 }, ...last.events.slice(1, -1)])
    if (!carrier.live) {
      assert.ok(deltas(last.events).endsWith(countTo(10)))
    }
    if (watched !== undefined) {
      yield* Fiber.join(watched.fiber)
      assert.equal(watched.events[0]._tag, "SessionListed")
      assert.equal(watched.events[0].sessions[0].id, sessionId)
      assert.equal(watched.events.at(-1).sessionId, sessionId)
    }
    assert.equal((yield* client("session.list", { userId })).sessions.length, 0)
  })

  return Effect.gen(function* () {
    const client = yield* version.rpc.RpcClient.make(calls, { flatten: true })
    const userId = `u-${randomUUID()}`
    const sessionId = yield* sessions(client, userId)
    yield* errors(client, sessionId)
    yield* turns(client, sessionId)
    yield* lists(client, sessionId, userId)
    yield* deletion(client, sessionId, userId)
  })
}
