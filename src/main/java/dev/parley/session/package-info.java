/// What a session is and decides: states, commands, events and effects, pure and JDK only.
@NullMarked
package dev.parley.session;

import org.jspecify.annotations.NullMarked;
