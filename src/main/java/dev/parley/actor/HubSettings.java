package dev.parley.actor;

import java.time.Duration;

/// The bounds of all sessions of a node.
///
/// @param activeMax sessions that may be active at once; beyond, calls are refused for a moment
/// @param mailboxLettersMax commands that may wait at one session
/// @param mailboxReserved places beside them for interrupts
/// @param snapshotEvents a snapshot is written at least every so many events
/// @param historyMessagesMax messages that an agent is given
/// @param historyBytesMax their bytes, as they are stored
/// @param approvalWait how long a request for approval waits for its answer
/// @param idleAfter how long a session without work stays active
/// @param retryPauseMin first pause before a lost store is asked again; doubled each time
/// @param retryPauseMax longest such pause
/// @param turnBufferMax events between an agent and its session
/// @param frameBytesMax bytes of text in one frame
/// @param joinedBytesMax bytes up to which adjacent deltas are joined; 0: they are not
/// @param outputBytesMax bytes that one turn may say
/// @param agentSilenceMax how long an agent may say nothing while it is wanted to
/// @param recoveryPage unfinished sessions that are taken up together
/// @param recoveryInterval between two looks for them
public record HubSettings(
    int activeMax,
    int mailboxLettersMax,
    int mailboxReserved,
    int snapshotEvents,
    int historyMessagesMax,
    int historyBytesMax,
    Duration approvalWait,
    Duration idleAfter,
    Duration retryPauseMin,
    Duration retryPauseMax,
    int turnBufferMax,
    int frameBytesMax,
    int joinedBytesMax,
    long outputBytesMax,
    Duration agentSilenceMax,
    int recoveryPage,
    Duration recoveryInterval) {

  ActorSettings actor() {
    return new ActorSettings(
        mailboxLettersMax,
        mailboxReserved,
        snapshotEvents,
        historyMessagesMax,
        historyBytesMax,
        approvalWait,
        idleAfter,
        retryPauseMin,
        retryPauseMax,
        new AgentRun.Settings(
            turnBufferMax, frameBytesMax, joinedBytesMax, outputBytesMax, agentSilenceMax));
  }
}
