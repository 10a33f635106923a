package dev.parley.store;

import java.util.List;

/// What a store holds of one session, in the order of its keys.
///
/// @param effects their ids
/// @param snapshotSeq the event that the snapshot was taken after; 0: there is none
/// @param delivered the highest frame acknowledged; 0: none was
record Tables(
    List<StoredEvent> events,
    List<String> frames,
    List<String> effects,
    List<Projection.TurnRow> turns,
    List<Projection.MessageRow> messages,
    List<Projection.SendRow> sends,
    long snapshotSeq,
    long delivered) {}
