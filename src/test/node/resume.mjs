// A client that is cut off in mid-answer, and goes on at the exact token: the library dials again by
// itself, the stream is asked for again by its cursor.
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"

/** The library dials again after up to 5 s, and the answer must not be over by then. */
const TOKENS = 1600
const PER_SECOND = 50

/** After how many tokens somebody is to stop the server, and start it again. */
const CUTS = [100, 700]

/** Throws when an event is missing, or comes twice. */
export const resume = (version, calls) => {
  const { Effect, Schedule, Stream } = version.effect

  return Effect.gen(function* () {
    const client = yield* version.rpc.RpcClient.make(calls, { flatten: true })
    const { id: sessionId, incarnation } = yield* client("session.create", {
      userId: `u-${randomUUID()}`,
      agentId: "demo",
    })
    const cuts = [...CUTS]
    const cursor = { afterSeq: 0, incarnation }
    let events = 0
    let attempts = 0
    let text = ""
    let last
    const received = (event) => {
      if (event._tag === "InitialState") {
        assert.equal(event.reset, false)
        return
      }
      assert.equal(event.firstSeq ?? event.seq, cursor.afterSeq + 1, "an event is missing or twice")
      cursor.afterSeq = event.seq
      events++
      last = event
      text += event._tag === "StreamEvent" ? (event.event.delta ?? "") : ""
      if (text.split(" ").length > cuts[0]) {
        console.log(`cut after ${cuts.shift()} tokens`)
      }
    }
    yield* client("chat.send", { sessionId, content: `/count ${TOKENS} ${PER_SECOND}` })
    yield* Stream.suspend(() => {
      attempts++
      return client("chat.subscribe", { sessionId, ...cursor })
    }).pipe(
      Stream.retry(Schedule.spaced("100 millis")),
      Stream.takeUntil((event) => event._tag === "SessionStopped"),
      Stream.runForEach((event) => Effect.sync(() => received(event))),
    )
    assert.equal(cuts.length, 0)
    assert.ok(attempts > CUTS.length)
    assert.equal(last.reason, "completed")
    assert.equal(text, Array.from({ length: TOKENS }, (_, i) => `${i + 1} `).join(""))
    console.log(`went on: ${events} events, each once, in ${attempts} attempts`)
  })
}
