/// The world as the core sees it: a serial executor with a clock and timers, and a source of ids.
///
/// Everything that runs between the wire and the store takes these as ports, so that it runs the
/// same on Vert.x event loops and on a virtual clock with a seeded scheduler.
@NullMarked
package dev.parley.loop;

import org.jspecify.annotations.NullMarked;
