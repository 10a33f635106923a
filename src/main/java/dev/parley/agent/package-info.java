/// Who answers: the agent port, the demo agent and agents backed by a model provider.
@NullMarked
package dev.parley.agent;

import org.jspecify.annotations.NullMarked;
