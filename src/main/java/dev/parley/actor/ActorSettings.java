package dev.parley.actor;

import java.time.Duration;

/// The bounds of one session at work.
///
/// @param lettersMax commands that may wait
/// @param lettersReserved places beside them for what stops things
/// @param snapshotEvents a snapshot is written at least every so many events
/// @param historyMessagesMax messages that an agent is given
/// @param historyBytesMax their bytes, as they are stored
/// @param approvalWait how long a request for approval waits for its answer
/// @param idleAfter how long an actor without work stays
/// @param retryPauseMin the first pause while the store is away; each is twice the one before
/// @param retryPauseMax the longest one
record ActorSettings(
    int lettersMax,
    int lettersReserved,
    int snapshotEvents,
    int historyMessagesMax,
    int historyBytesMax,
    Duration approvalWait,
    Duration idleAfter,
    Duration retryPauseMin,
    Duration retryPauseMax,
    AgentRun.Settings run) {}
