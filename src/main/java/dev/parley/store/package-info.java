/// What is kept: events, frames, effects and snapshots, and the group commit that writes them.
@NullMarked
package dev.parley.store;

import org.jspecify.annotations.NullMarked;
