/// Composition: configuration, the embedded database, agents as they are configured, health, start
/// and stop.
///
/// **Failure.** A setting that cannot be used refuses the start, by its name and without quoting
/// what may be secret; nothing is served that somebody has configured otherwise.
@NullMarked
package dev.parley.app;

import org.jspecify.annotations.NullMarked;
