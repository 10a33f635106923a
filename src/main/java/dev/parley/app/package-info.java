/// Composition: configuration, the embedded database, health, start and stop.
@NullMarked
package dev.parley.app;

import org.jspecify.annotations.NullMarked;
