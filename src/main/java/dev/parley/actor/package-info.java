/// The one place where a session's state changes: activation, mailbox, recovery, passivation.
@NullMarked
package dev.parley.actor;

import org.jspecify.annotations.NullMarked;
