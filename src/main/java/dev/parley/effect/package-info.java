/// What happens after a commit: subscriptions, delivery and retry of effects.
@NullMarked
package dev.parley.effect;

import org.jspecify.annotations.NullMarked;
