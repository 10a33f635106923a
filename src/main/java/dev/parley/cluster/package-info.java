/// Who owns what: the node registry, ownership of sessions and wakes between nodes.
@NullMarked
package dev.parley.cluster;

import org.jspecify.annotations.NullMarked;
