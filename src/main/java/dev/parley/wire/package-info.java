/// Codecs only: the protocols clients speak, translated to calls of the hub.
@NullMarked
package dev.parley.wire;

import org.jspecify.annotations.NullMarked;
