/// Helpers that tests share: a real PostgreSQL and databases on it.
@NullMarked
package dev.parley.testing;

import org.jspecify.annotations.NullMarked;
