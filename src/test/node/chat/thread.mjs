// Drives the thread protocol of a running server with a plain WebSocket client:
// node thread.mjs http://host:port
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { WebSocket } from "ws"

const base = process.argv[2].replace(/^http/, "ws").replace(/\/$/, "")
const LIMIT_MS = 20_000

const countTo = (n) => Array.from({ length: n }, (_, i) => `${i + 1} `).join("")

/** A socket that keeps what comes, and waits for what is to come. */
class Thread {
  constructor(query) {
    this.frames = []
    this.waiting = []
    this.socket = new WebSocket(`${base}/api/chat/ws${query}`)
    this.opened = new Promise((resolve, reject) => {
      this.socket.once("open", resolve)
      this.socket.once("error", reject)
    })
    this.closed = new Promise((resolve) =>
      this.socket.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
    )
    this.socket.on("message", (data) => {
      this.frames.push(JSON.parse(String(data)))
      for (const check of [...this.waiting]) check()
    })
  }

  send(frame) {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame))
  }

  message(requestId, content, more = {}) {
    this.send({ type: "message", requestId, content, ...more })
  }

  /** The first frame, from `from` on, of which it is true. */
  until(test, from = 0) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`not among ${JSON.stringify(this.frames).slice(0, 2000)}`)),
        LIMIT_MS,
      )
      const check = () => {
        const found = this.frames.slice(from).find(test)
        if (found) {
          clearTimeout(timer)
          this.waiting = this.waiting.filter((other) => other !== check)
          resolve(found)
        }
      }
      this.waiting.push(check)
      check()
    })
  }

  of(requestId) {
    return this.frames.filter((frame) => frame.requestId === requestId)
  }

  tokens(requestId) {
    return this.of(requestId)
      .filter((frame) => frame.type === "token")
      .map((frame) => frame.value)
      .join("")
  }

  end(requestId) {
    return this.until(
      (frame) =>
        frame.requestId === requestId && ["final", "error", "cancelled"].includes(frame.type),
    )
  }
}

const open = async (query) => {
  const thread = new Thread(query)
  await thread.opened
  return thread
}

const step = async (name, run) => {
  const started = performance.now()
  await run()
  console.log(`thread: ${name}: ok in ${Math.round(performance.now() - started)} ms`)
}

const threadId = `t-${randomUUID()}`

await step("refuses what is no thread", async () => {
  for (const query of ["", "?threadId=", "?threadId=a:b", "?threadId=no%20such", `?threadId=${threadId}`]) {
    const thread = new Thread(query)
    const { code } = await thread.closed
    assert.equal(code, 1008, query)
  }
})

await step("streams an answer", async () => {
  const thread = await open(`?threadId=${threadId}&create=1`)
  thread.message("r1", "/count 200 0", { threadId })
  const last = await thread.end("r1")
  assert.equal(last.type, "final")
  assert.equal(last.message, countTo(200))
  assert.equal(thread.tokens("r1"), countTo(200))
  assert.ok(last.latencyMs >= 0)
  assert.equal(last.tokenUsage.outputTokens, 200)
  // both names of the thread
  const whole = await open(`?threadId=anonymous:demo:${threadId}`)
  whole.message("r2", "/count 3 0")
  assert.equal((await whole.end("r2")).message, "1 2 3 ")
  // the same request again is the same answer
  thread.message("r1", "/count 200 0")
  await thread.until((frame) => frame.type === "final", thread.frames.length)
  assert.equal(thread.frames.filter((frame) => frame.type === "final").length, 2)
  thread.socket.close()
  whole.socket.close()
})

await step("answers bad input and stays open", async () => {
  const thread = await open(`?threadId=${threadId}`)
  const bad = [
    ["no json", undefined],
    ["[1,2]", undefined],
    ['{"type":"message"}', undefined],
    ['{"type":"message","requestId":"b1"}', "b1"],
    ['{"type":"message","requestId":"b2","content":7}', "b2"],
    ['{"type":"message","requestId":"b3","content":""}', "b3"],
    ['{"type":"shout","requestId":"b4"}', "b4"],
    ['{"type":"message","requestId":"b5","content":"x","threadId":"other"}', "b5"],
    ['{"type":"message","requestId":"b 6","content":"x"}', "b 6"],
    [JSON.stringify({ type: "message", requestId: "b7", content: "x".repeat(1048577) }), "b7"],
    ["x".repeat(3 * 1024 * 1024), undefined],
  ]
  for (const [frame, requestId] of bad) {
    const before = thread.frames.length
    thread.send(frame)
    const error = await thread.until((f) => f.type === "error", before)
    assert.equal(error.requestId, requestId, frame.slice(0, 80))
    assert.equal(typeof error.code, "string")
    assert.equal(error.retryable, false)
  }
  thread.message("after", "/count 2 0")
  assert.equal((await thread.end("after")).message, "1 2 ")
  thread.socket.close()
})

await step("takes up an answer by its name", async () => {
  const first = await open(`?threadId=${threadId}`)
  first.message("long", "/count 150 100")
  await first.until((frame) => frame.type === "token" && frame.value.includes("20 "))
  first.socket.terminate()
  const second = await open(`?threadId=${threadId}&resume=long`)
  const last = await second.end("long")
  assert.equal(last.message, countTo(150))
  assert.equal(second.tokens("long"), countTo(150))
  const [begun] = second.of("long")
  assert.equal(begun.type, "token")
  assert.ok(begun.value.startsWith("1 2 3 ") && begun.value.includes("20 "))
  second.socket.close()
  // over meanwhile: one token and the end
  const third = await open(`?threadId=${threadId}&resume=long`)
  assert.equal((await third.end("long")).message, countTo(150))
  assert.equal(third.of("long").length, 2)
  third.socket.close()
  const fourth = await open(`?threadId=${threadId}&resume=never`)
  assert.equal((await fourth.end("never")).type, "error")
  fourth.message("r9", "/count 1 0")
  assert.equal((await fourth.end("r9")).type, "final")
  fourth.socket.close()
})

await step("cancels, once, running or waiting", async () => {
  const thread = await open(`?threadId=${threadId}`)
  thread.message("run", "/hang 5")
  await thread.until((frame) => frame.requestId === "run" && frame.value?.includes("5 "))
  thread.message("wait", "/count 2 0")
  thread.message("next", "/count 3 0")
  thread.send({ type: "cancel", requestId: "wait" })
  assert.equal((await thread.end("wait")).type, "cancelled")
  thread.send({ type: "cancel", requestId: "run" })
  thread.send({ type: "cancel", requestId: "run" })
  assert.equal((await thread.end("run")).type, "cancelled")
  assert.equal((await thread.end("next")).message, "1 2 3 ")
  thread.send({ type: "cancel", requestId: "next" })
  thread.send({ type: "cancel", requestId: "never" })
  thread.message("last", "/count 1 0")
  assert.equal((await thread.end("last")).type, "final")
  for (const id of ["run", "wait", "next"]) {
    assert.equal(thread.of(id).filter((frame) => frame.type !== "token").length, 1, id)
  }
  assert.equal(thread.of("never").length, 0)
  // a cancel right behind its message
  thread.message("at-once", "/hang 3")
  thread.send({ type: "cancel", requestId: "at-once" })
  assert.equal((await thread.end("at-once")).type, "cancelled")
  // from another socket
  thread.message("far", "/hang 3")
  await thread.until((frame) => frame.requestId === "far" && frame.value?.includes("3 "))
  const other = await open(`?threadId=${threadId}`)
  other.send({ type: "cancel", requestId: "far" })
  assert.equal((await other.end("far")).type, "cancelled")
  assert.equal((await thread.end("far")).type, "cancelled")
  other.socket.close()
  thread.socket.close()
})

await step("tells a failure and goes on", async () => {
  const thread = await open(`?threadId=${threadId}`)
  thread.message("f1", "/fail 3 retryable")
  const error = await thread.end("f1")
  assert.equal(error.type, "error")
  assert.equal(error.retryable, true)
  assert.equal(error.code, "AGENT_ERROR")
  assert.equal(thread.tokens("f1"), "1 2 3 ")
  thread.message("f2", "/count 1 0")
  assert.equal((await thread.end("f2")).type, "final")
  thread.socket.close()
})

process.exit(0)
