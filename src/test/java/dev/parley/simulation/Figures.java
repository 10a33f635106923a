package dev.parley.simulation;

import dev.parley.simulation.FaultPlan.Blow;
import dev.parley.simulation.FaultPlan.WakeFault;
import dev.parley.store.InMemoryStore.CallFault;
import dev.parley.store.InMemoryStore.CommitFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How much happened in a number of runs: a simulation in which nothing goes wrong shows nothing.
final class Figures {
  private static final int RUNS_FOR_ALL = 300;

  long seeds;
  long violations;
  long locks;
  long cuts;
  long resumes;
  long batches;
  long resets;
  long framesRemoved;
  long sessionsRemoved;
  long traces;
  long events;
  long frames;
  long commits;
  long nodes;
  Duration virtualTime = Duration.ZERO;
  private long rescued;
  private long toldOfAll;
  private long calls;
  private final Map<String, Long> answers = new TreeMap<>();
  private final Map<Blow, Long> blows = new EnumMap<>(Blow.class);
  private final Map<CommitFault, Long> commitFaults = new EnumMap<>(CommitFault.class);
  private final Map<CallFault, Long> callFaults = new EnumMap<>(CallFault.class);
  private final Map<WakeFault, Long> wakeFaults = new EnumMap<>(WakeFault.class);

  void called() {
    calls++;
  }

  void answered(String what) {
    answers.merge(what, 1L, Long::sum);
  }

  void count(Blow blow) {
    blows.merge(blow, 1L, Long::sum);
  }

  void count(CommitFault fault) {
    if (fault != CommitFault.NONE) {
      commitFaults.merge(fault, 1L, Long::sum);
    }
  }

  void count(CallFault fault) {
    if (fault != CallFault.NONE) {
      callFaults.merge(fault, 1L, Long::sum);
    }
  }

  void count(WakeFault fault) {
    if (fault != WakeFault.NONE) {
      wakeFaults.merge(fault, 1L, Long::sum);
    }
  }

  /// One node's sweep.
  ///
  /// @param excused frames that nobody told it of, or too late
  void swept(long rescued, long excused) {
    this.rescued += rescued;
    toldOfAll += excused == 0 ? 1 : 0;
  }

  /// Faults that were meant to happen and did not, in as many runs as it takes for each of them.
  List<String> untried() {
    List<String> untried = new ArrayList<>();
    if (seeds >= RUNS_FOR_ALL) {
      missing(Blow.values(), blows, untried);
      missing(CommitFault.values(), commitFaults, untried);
      missing(CallFault.values(), callFaults, untried);
      missing(WakeFault.values(), wakeFaults, untried);
    }
    return untried;
  }

  private static <F extends Enum<F>> void missing(
      F[] all, Map<F, Long> counted, List<String> untried) {
    for (F fault : all) {
      if (!fault.name().equals("NONE") && !counted.containsKey(fault)) {
        untried.add(fault.getDeclaringClass().getSimpleName() + " " + fault);
      }
    }
  }

  @Override
  public String toString() {
    return """
    seeds %d, violations %d, virtual time %s
      calls %d, answers %s
      nodes %d, blows %s
      commits %d, their faults %s, rows locked %d; faults of other calls %s
      wakes %s; frames rescued by the sweep %d, none of them by the %d nodes that were told of all
      events %d, frames %d; removed are %d frames and %d sessions; traces %d
      batches to clients %d, connections cut %d, resumes %d, resets %d\
    """
        .formatted(
            seeds,
            violations,
            virtualTime,
            calls,
            answers,
            nodes,
            blows,
            commits,
            commitFaults,
            locks,
            callFaults,
            wakeFaults,
            rescued,
            toldOfAll,
            events,
            frames,
            framesRemoved,
            sessionsRemoved,
            traces,
            batches,
            cuts,
            resumes,
            resets);
  }
}
