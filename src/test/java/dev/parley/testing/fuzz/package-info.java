/// Nonsense with a system: what real clients send, damaged in every way, and judges of what a
/// server makes of it.
///
/// [Transcripts] is what clients say and [Mutations] the damage; tests of the codecs use the two
/// alone. Against a running server an [Episode] plays both on a connection that misbehaves below
/// the protocol too, a [Fuzz] plays many at once beside a [Probe] whose connection must not notice,
/// and then asks whether anything is left of them. A seed and a number name the bytes of an
/// episode.
@NullMarked
package dev.parley.testing.fuzz;

import org.jspecify.annotations.NullMarked;
