/// The tables as entities, for every cold read. Immutable: a change is an event and goes through
/// the session's mailbox, and Hibernate's update would put back columns it read long ago.
@NullMarked
package dev.parley.store.entity;

import org.jspecify.annotations.NullMarked;
