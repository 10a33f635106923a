/// The way out over HTTP.
@NullMarked
package dev.parley.effect.http;

import org.jspecify.annotations.NullMarked;
