/// What a line of the log says beside its words: which connection, request, session and turn it is
/// about.
///
/// The fields stand in the record itself, so they are the line's own whatever thread it is written
/// on; nothing here is bound to a thread. What clients choose reaches a line as a field that is
/// bounded and safe, or not at all, and no line quotes the message of an exception that could quote
/// a client.
@NullMarked
package dev.parley.log;

import org.jspecify.annotations.NullMarked;
