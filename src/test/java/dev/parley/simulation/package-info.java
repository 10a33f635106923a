/// Everything between the wire and the database on a virtual clock, with everything that can go
/// wrong: [Simulation] makes one world from one seed, [SimulationTest] makes thousands of them.
///
/// **What is real.** Hub and actors, journal, decider, runner, subscriptions, ledger, the demo
/// agent. Simulated are time, the order of tasks, the store (the double that keeps the store's
/// contract), the network, and the processes themselves: a [SimulatedNode] has loops of its own,
/// and when it dies they are gone with all that is in them.
///
/// **What happens.** For a while [SimulatedClient]s do anything at any time ([Workload]), and a
/// [FaultPlan] lets nodes crash, freeze and stop, commits and answers be lost, be late and meet
/// locks, wakes be lost, doubled and delayed, and the store be away. Each kind is drawn for the
/// whole run: some runs know one fault only, some know all. Then nothing goes wrong any more, the
/// clients find out what became of what they had sent, and the world must come to rest.
///
/// **Who judges.** Three, and none of them asks the code it judges:
/// - [Durable] is told by the store of every commit, and holds it against the one before; whatever
///   a client is answered or sent is held against it at that moment.
/// - [Bounds] and [Wakes] keep account of what one node holds, and of whom it has to tell.
/// - At rest [Judge] lets the checker judge each session by what clients were told and what is
///   stored, and asks whether agents were heard out ([Told]) and memory and store agree.
///
/// **Rules for what is added here.** Everything that is drawn comes from the seed, in an order that
/// only the seed decides: no identity hash, no set or map without an order, no clock. A new call is
/// a line in [Workload] and a method of [Caller]; a new fault has a share in [FaultPlan] that most
/// runs draw as zero, and is counted in [Figures]; a new rule has a broken part in
/// [BrokenPartsTest] that it finds.
@NullMarked
package dev.parley.simulation;

import org.jspecify.annotations.NullMarked;
