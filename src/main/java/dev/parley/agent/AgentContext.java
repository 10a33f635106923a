package dev.parley.agent;

import dev.parley.content.JsonText;
import dev.parley.content.Usage;
import dev.parley.loop.EventLoop;
import dev.parley.session.ChatMessage;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;
import dev.parley.session.UserMessage;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an agent is given for one turn.
///
/// @param input the message to answer
/// @param history the conversation before the input, oldest first, within the configured window;
///   without what was discarded. Read when it is subscribed to; emits on the loop
/// @param checkpoint what the agent kept for itself with the last turn's end; absent: it kept
///   nothing, or history has changed since. A hint: `history` alone has to be enough
/// @param spent what the session's turns have cost before this one
/// @param turnSpent what this one has cost already: something only where it has outlived its node
/// @param approvals what people answer to this turn's requests for approval
/// @param loop the session's loop: for timers and for the time; agents never block it
public record AgentContext(
    SessionKey key,
    TurnId turnId,
    UserMessage input,
    Uni<List<ChatMessage>> history,
    @Nullable JsonText checkpoint,
    Usage spent,
    Usage turnSpent,
    Approvals approvals,
    EventLoop loop) {}
