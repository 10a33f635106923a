/// What nodes know of each other. PostgreSQL is the only thing they share.
///
/// For now a database has one node: [NodeLock] is held as long as the node lives, and a second node
/// that finds it taken does not start. Correctness does not rest on it: every commit checks the
/// owner's epoch.
@NullMarked
package dev.parley.cluster;

import org.jspecify.annotations.NullMarked;
