/// Benchmarks and load generators: compiled with the tests, run by hand.
@NullMarked
package dev.parley.bench;

import org.jspecify.annotations.NullMarked;
