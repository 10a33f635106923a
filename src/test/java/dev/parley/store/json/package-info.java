/// Tests of stored JSON: everything that can be written can be read, and what was ever written
/// stays readable.
@NullMarked
package dev.parley.store.json;

import org.jspecify.annotations.NullMarked;
