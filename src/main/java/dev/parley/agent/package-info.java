/// Agents: who answers. The SPI is [Agent], the built-in one is the demo agent.
///
/// An agent knows its context and nothing else: no session state, no store, no socket. It may fail
/// in any way at any time; whoever runs it ends the turn, once.
@NullMarked
package dev.parley.agent;

import org.jspecify.annotations.NullMarked;
