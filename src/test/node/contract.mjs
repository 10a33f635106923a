// The calls of Parley and what they are answered with, as a client of any version declares them.

/**
 * @param version as client.mjs hands it in
 * @return the library's group of all calls
 */
export const declare = (version) => {
  const { literal, union } = version
  const { Rpc, RpcGroup } = version.rpc
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
    numbered("MessagesDiscarded", {
      fromMessageId: String,
      inclusive: Boolean,
    }),
    numbered("SessionRenamed", { title: String }),
    numbered("SessionDeleted", { sessionId: String }),
  )

  const Sent = Struct({
    status: literal("started", "queued"),
    messageId: String,
    turnId: optional(String),
    queuedMessage: optional(QueuedMessage),
    duplicate: optional(Boolean),
  })

  const call = (tag, payload, success, stream = false) =>
    Rpc.make(tag, { payload, success, error: RpcErrors, stream })

  return RpcGroup.make(
    call(
      "session.create",
      { userId: String, agentId: String, threadId: optional(String), title: optional(String) },
      Session,
    ),
    call("session.get", { sessionId: String }, Session),
    call("session.update", { sessionId: String, title: String }, Session),
    call("session.touch", { sessionId: String }, Session),
    call(
      "chat.subscribe",
      { sessionId: String, afterSeq: optional(Number), incarnation: optional(String) },
      SessionEvent,
      true,
    ),
    call(
      "chat.send",
      {
        sessionId: String,
        content: String,
        clientMessageId: optional(String),
        whenBusy: optional(literal("queue", "interrupt", "rollback", "reject")),
      },
      Sent,
    ),
    call(
      "chat.regenerate",
      {
        sessionId: String,
        messageId: optional(String),
        content: optional(String),
        clientMessageId: optional(String),
      },
      Sent,
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
}
