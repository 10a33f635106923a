/// A storm over the packaged application: clients that do anything at random, and everything that
/// can break breaking meanwhile. What comes of it is for the [dev.parley.testing.Checker].
@NullMarked
package dev.parley.testing.storm;

import org.jspecify.annotations.NullMarked;
