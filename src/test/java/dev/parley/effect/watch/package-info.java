/// Tests of lists that stay true.
@NullMarked
package dev.parley.effect.watch;

import org.jspecify.annotations.NullMarked;
