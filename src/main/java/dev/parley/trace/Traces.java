package dev.parley.trace;

import dev.parley.content.MessageId;
import dev.parley.session.Event.TurnOutcome;
import dev.parley.session.Refusal;
import dev.parley.session.Reply;
import dev.parley.session.SessionKey;
import dev.parley.session.TurnId;

/// Hears what becomes of messages, once it is durable. Returns at once and never throws. Called on
/// the session's loop, except for [#refused].
public interface Traces {
  /// Nobody traces.
  Traces NONE =
      new Traces() {
        @Override
        public void refused(SessionKey key, Incoming incoming, Refusal refusal) {}

        @Override
        public void accepted(
            long sid, SessionKey key, Incoming incoming, Reply reply, long decidedNanos) {}

        @Override
        public void started(long sid, TurnId turnId, MessageId messageId) {}

        @Override
        public void firstWords(long sid, long seq, long saidNanos) {}

        @Override
        public void ended(long sid, TurnId turnId, TurnOutcome outcome) {}

        @Override
        public void removed(long sid, MessageId messageId) {}

        @Override
        public void left(long sid) {}

        @Override
        public void sent(long sid, long seq) {}

        @Override
        public void acknowledged(long sid, long seq) {}
      };

  /// A message did not become part of its session. From any thread.
  void refused(SessionKey key, Incoming incoming, Refusal refusal);

  /// A message is part of its session.
  ///
  /// @param reply what its sender is answered
  /// @param decidedNanos when that was decided
  void accepted(long sid, SessionKey key, Incoming incoming, Reply reply, long decidedNanos);

  /// A turn has begun; told after [#accepted] of its message.
  void started(long sid, TurnId turnId, MessageId messageId);

  /// The running turn has said something for the first time.
  ///
  /// @param seq the frame that has it
  /// @param saidNanos when the agent said it
  void firstWords(long sid, long seq, long saidNanos);

  /// The turn is over.
  void ended(long sid, TurnId turnId, TurnOutcome outcome);

  /// The message waits no longer, and is not answered.
  void removed(long sid, MessageId messageId);

  /// This node works on the session no longer.
  void left(long sid);

  /// A client is being sent the session's frames up to this one.
  void sent(long sid, long seq);

  /// A client has acknowledged them.
  void acknowledged(long sid, long seq);
}
