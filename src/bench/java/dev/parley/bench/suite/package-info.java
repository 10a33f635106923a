/// The whole set of benchmarks: each [Scenario] measures a server of its own ([Subject]) under a
/// load of real sockets ([TokenLoad]), beside its baselines in the same run, and gives a [Figures];
/// [Suite] runs them and [Report] writes them down.
@NullMarked
package dev.parley.bench.suite;

import org.jspecify.annotations.NullMarked;
