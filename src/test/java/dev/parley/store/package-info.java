/// Tests of the store: one contract, run against PostgreSQL and against the in-memory store that
/// the tests of actors and delivery use.
@NullMarked
package dev.parley.store;

import org.jspecify.annotations.NullMarked;
