// Drives a running server with the AI SDK's own chat transport: node transport.mjs http://host:port
import assert from "node:assert/strict"
import { randomUUID } from "node:crypto"
import { AbstractChat, DefaultChatTransport } from "ai"

const base = process.argv[2].replace(/\/$/, "")
const LIMIT_MS = 30_000

const countTo = (n) => Array.from({ length: n }, (_, i) => `${i + 1} `).join("")

/** What useChat keeps, without React. */
class State {
  status = "ready"
  error = undefined
  constructor(messages = []) {
    this.messages = messages
  }
  pushMessage = (message) => {
    this.messages = [...this.messages, message]
  }
  popMessage = () => {
    this.messages = this.messages.slice(0, -1)
  }
  replaceMessage = (index, message) => {
    this.messages = this.messages.with(index, structuredClone(message))
  }
  snapshot = (value) => structuredClone(value)
}

class Chat extends AbstractChat {
  constructor(id, messages, options = {}) {
    super({
      id,
      state: new State(messages),
      // the default path, on this server
      transport: new DefaultChatTransport({ fetch: (url, init) => fetch(base + url, init), ...options }),
      onFinish: (finish) => this.finishes.push(finish),
    })
  }
  finishes = []
}

const text = (message) =>
  message.parts
    .filter((part) => part.type === "text")
    .map((part) => part.text)
    .join("")

const until = async (what, test) => {
  const deadline = performance.now() + LIMIT_MS
  while (!test()) {
    assert.ok(performance.now() < deadline, `never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const history = async (id) => {
  const answer = await fetch(`${base}/api/sessions/anonymous:demo:${id}/messages?last=50`)
  assert.equal(answer.status, 200)
  return (await answer.json()).messages
}

const stop = (id) => fetch(`${base}/api/chat/${encodeURIComponent(id)}/stop`, { method: "POST" })

const step = async (name, run) => {
  const started = performance.now()
  await run()
  console.log(`transport: ${name}: ok in ${Math.round(performance.now() - started)} ms`)
}

await step("sends and streams", async () => {
  const chat = new Chat(`c-${randomUUID()}`)
  await chat.sendMessage({ text: "/count 100 0" })
  assert.equal(chat.status, "ready", String(chat.error))
  assert.equal(chat.messages.length, 2)
  assert.equal(text(chat.messages[1]), countTo(100))
  assert.equal(chat.finishes[0].finishReason, "stop")
  await chat.sendMessage({ text: "/tool weather {\"city\":\"Rome\"}" })
  assert.equal(chat.status, "ready", String(chat.error))
  const tool = chat.messages[3].parts.find((part) => part.type === "tool-weather")
  assert.equal(tool.state, "output-available")
  assert.deepEqual(tool.input, { city: "Rome" })
  await chat.sendMessage({ text: "/think 5" })
  assert.ok(chat.messages[5].parts.some((part) => part.type === "reasoning"))
  // the server's history has the same answers under the same ids
  const kept = await history(chat.id)
  assert.deepEqual(
    kept.filter((m) => m.role === "assistant").map((m) => m.id),
    chat.messages.filter((m) => m.role === "assistant").map((m) => m.id),
  )
})

await step("streams token by token", async () => {
  const chat = new Chat(`c-${randomUUID()}`)
  const seen = new Set()
  const sending = chat.sendMessage({ text: "/count 30 100" })
  await until("a dozen steps", () => {
    if (chat.messages[1]) seen.add(text(chat.messages[1]).length)
    return seen.size > 12
  })
  await sending
  assert.equal(text(chat.messages[1]), countTo(30))
})

await step("goes on in mid-answer, on the same page and on a reloaded one", async () => {
  const id = `c-${randomUUID()}`
  let cut = new AbortController()
  const chat = new Chat(id, [], {
    fetch: (url, init) =>
      fetch(base + url, { ...init, signal: AbortSignal.any([cut.signal, init.signal].filter(Boolean)) }),
  })
  const sending = chat.sendMessage({ text: "/count 200 100" })
  await until("half of it", () => chat.messages[1] && text(chat.messages[1]).includes("30 "))
  const answerId = chat.messages[1].id
  cut.abort(new TypeError("network error"))
  await sending
  cut = new AbortController()
  const reloaded = new Chat(id, [structuredClone(chat.messages[0])])
  const both = [chat.resumeStream(), reloaded.resumeStream()]
  await Promise.all(both)
  for (const page of [chat, reloaded]) {
    assert.equal(page.status, "ready", String(page.error))
    assert.equal(page.messages.length, 2)
    assert.equal(text(page.messages[1]), countTo(200))
    assert.equal(page.messages[1].id, answerId)
  }
  // nothing runs any more: nothing is resumed
  const later = new Chat(id, structuredClone(chat.messages))
  await later.resumeStream()
  assert.equal(later.status, "ready")
  assert.equal(later.messages.length, 2)
  const fresh = new Chat(`c-${randomUUID()}`)
  await fresh.resumeStream()
  assert.equal(fresh.status, "ready", String(fresh.error))
})

await step("stops for good", async () => {
  const chat = new Chat(`c-${randomUUID()}`)
  const sending = chat.sendMessage({ text: "/hang 10" })
  await until("ten", () => chat.messages[1] && text(chat.messages[1]).includes("10 "))
  const watching = new Chat(chat.id, [structuredClone(chat.messages[0])])
  const watched = watching.resumeStream()
  await until("ten there", () => watching.messages[1] && text(watching.messages[1]).includes("10 "))
  const answer = await stop(chat.id)
  assert.equal(answer.status, 200)
  assert.equal((await answer.json()).interrupted, true)
  // both open streams end by themselves
  await Promise.all([sending, watched])
  for (const page of [chat, watching]) {
    assert.equal(page.status, "ready", String(page.error))
    assert.equal(text(page.messages[1]), countTo(10))
  }
  const kept = await history(chat.id)
  assert.equal(kept[1].metadata.interrupted, true)
  assert.equal((await (await stop(chat.id)).json()).interrupted, false)
  // the client's own stop is a disconnection: the turn goes on
  const left = new Chat(`c-${randomUUID()}`)
  const leaving = left.sendMessage({ text: "/count 60 100" })
  await until("some", () => left.messages[1] && text(left.messages[1]).includes("5 "))
  await left.stop()
  await leaving
  const back = new Chat(left.id, [structuredClone(left.messages[0])])
  await back.resumeStream()
  assert.equal(text(back.messages[1]), countTo(60))
})

await step("regenerates", async () => {
  const chat = new Chat(`c-${randomUUID()}`)
  await chat.sendMessage({ text: "/count 5 0" })
  await chat.sendMessage({ text: "/count 7 0" })
  const first = chat.messages[3].id
  await chat.regenerate()
  assert.equal(chat.status, "ready", String(chat.error))
  assert.equal(chat.messages.length, 4)
  assert.notEqual(chat.messages[3].id, first)
  assert.equal(text(chat.messages[3]), countTo(7))
  await chat.regenerate({ messageId: chat.messages[1].id })
  assert.equal(chat.messages.length, 2)
  assert.equal(text(chat.messages[1]), countTo(5))
  assert.deepEqual(
    (await history(chat.id)).filter((m) => m.role === "assistant").map((m) => m.id),
    [chat.messages[1].id],
  )
})

await step("edits, and regenerates the edit", async () => {
  const chat = new Chat(`c-${randomUUID()}`)
  await chat.sendMessage({ text: "/count 5 0" })
  await chat.sendMessage({ text: "/count 7 0" })
  const edited = chat.messages[2].id
  await chat.sendMessage({ text: "/count 9 0", messageId: edited })
  assert.equal(chat.status, "ready", String(chat.error))
  assert.equal(chat.messages.length, 4)
  assert.equal(text(chat.messages[3]), countTo(9))
  await chat.regenerate()
  assert.equal(chat.status, "ready", String(chat.error))
  assert.equal(text(chat.messages[3]), countTo(9))
  await chat.sendMessage({ text: "/count 4 0", messageId: edited })
  assert.equal(text(chat.messages[3]), countTo(4))
  assert.deepEqual(
    (await history(chat.id)).map((m) => text(m)),
    ["/count 5 0", countTo(5), "/count 4 0", countTo(4)],
  )
})

await step("runs a message once, however often it is posted", async () => {
  const id = `c-${randomUUID()}`
  const body = JSON.stringify({
    id,
    messages: [{ id: "m1", role: "user", parts: [{ type: "text", text: "/count 20 100" }] }],
    trigger: "submit-message",
  })
  const post = () =>
    fetch(`${base}/api/chat`, { method: "POST", headers: { "content-type": "application/json" }, body })
  const [one, two] = await Promise.all([post(), post()])
  const [first, second] = await Promise.all([one.text(), two.text()])
  const third = await (await post()).text()
  const parts = (stream) =>
    stream
      .split("\n\n")
      .filter((event) => event.startsWith("data: {"))
      .map((event) => JSON.parse(event.slice(6)))
  const said = (stream) =>
    parts(stream)
      .filter((part) => part.type === "text-delta")
      .map((part) => part.delta)
      .join("")
  for (const stream of [first, second, third]) {
    assert.equal(said(stream), countTo(20))
    assert.equal(parts(stream)[0].messageId, parts(first)[0].messageId)
    assert.ok(stream.endsWith("data: [DONE]\n\n"))
  }
  assert.equal((await history(id)).length, 2)
})

await step("takes the newest message alone, and says what to do when busy", async () => {
  const id = `c-${randomUUID()}`
  const post = (message, query = "") =>
    fetch(`${base}/api/chat${query}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id, message }),
    })
  const message = (content) => ({ id: randomUUID(), role: "user", parts: [{ type: "text", text: content }] })
  const running = await post(message("/hang 3"))
  assert.equal(running.status, 200)
  const rejected = await post(message("/count 1 0"), "?whenBusy=reject")
  assert.equal(rejected.status, 409)
  assert.ok(rejected.headers.get("content-type").startsWith("application/problem+json"))
  const queued = await post(message("/count 2 0"), "?whenBusy=queue")
  const instead = await post(message("/count 3 0"))
  assert.ok((await running.text()).includes('"type":"abort"'))
  assert.ok((await instead.text()).includes("3 "))
  assert.ok((await queued.text()).includes("2 "))
})

await step("tells a failure as an error", async () => {
  const chat = new Chat(`c-${randomUUID()}`)
  await chat.sendMessage({ text: "/fail 3" })
  assert.equal(chat.status, "error")
  assert.equal(text(chat.messages[1]), "1 2 3 ")
  const wrong = new Chat("not a key")
  await wrong.sendMessage({ text: "x" })
  assert.equal(wrong.status, "error")
})

process.exit(0)
