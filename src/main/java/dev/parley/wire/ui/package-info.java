/// The UI message stream, as the unmodified chat transport of the AI SDK speaks it, at its default
/// addresses: `POST /api/chat`, `GET /api/chat/{id}/stream`, and `POST /api/chat/{id}/stop`.
///
/// [ChatRoute] serves them, [ChatBody] is what the transport posts, [ChatDoor] carries it out, and
/// [UiStream] tells a turn in the transport's words. Parley has its own history: of the one that is
/// posted it takes the last message of the user. Source: the UI message stream of `ai` 7
/// (`x-vercel-ai-ui-message-stream: v1`).
///
/// **Invariants**
/// - A message, an edit and a regeneration run once, however often they are posted: each has an
///   idempotency key of its own.
/// - A stream is told from its first part on, under the answer's own id, so a page that reloads
///   gets the whole of it.
/// - A stream ends with `finish`, `abort` or `error`, and then `[DONE]`; the client takes any other
///   end for a success.
///
/// **Failure.** Before the first part it is an HTTP problem; afterwards an `error` part. A client
/// that is gone ends its stream, never the turn.
@NullMarked
package dev.parley.wire.ui;

import org.jspecify.annotations.NullMarked;
