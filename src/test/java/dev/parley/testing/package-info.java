/// Helpers that tests share: a real PostgreSQL and databases on it, a virtual clock, the packaged
/// application as a process, a client of its protocol, and the checker that judges a run.
@NullMarked
package dev.parley.testing;

import org.jspecify.annotations.NullMarked;
