package dev.parley.store;

import dev.parley.session.Frame;

/// A frame with the text that is stored and sent for it.
///
/// @param firstSeq lower than `seq` when the frames between were joined to this one
public record EncodedFrame(long firstSeq, long seq, Frame frame, String json) {}
