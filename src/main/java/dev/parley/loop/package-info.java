/// The ports that make a run repeatable: serial executor, clock, timer and ids.
@NullMarked
package dev.parley.loop;

import org.jspecify.annotations.NullMarked;
