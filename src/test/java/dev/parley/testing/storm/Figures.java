package dev.parley.testing.storm;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What storms were, and what was wrong after them.
///
/// @param strikes how often what was killed or stopped
/// @param sends that were taken, each name once
/// @param frames that are stored
/// @param events that clients received, deltas of many frames joined in some
/// @param violations each with the ids that it is about
public record Figures(
    int storms,
    Map<Weather.Strike, Integer> strikes,
    int sessions,
    int subscriptions,
    int sends,
    int turns,
    int frames,
    long events,
    List<String> violations) {

  public static final Figures NONE = new Figures(0, Map.of(), 0, 0, 0, 0, 0, 0, List.of());

  public Figures plus(Figures more) {
    Map<Weather.Strike, Integer> all = new EnumMap<>(Weather.Strike.class);
    all.putAll(strikes);
    more.strikes.forEach((strike, count) -> all.merge(strike, count, Integer::sum));
    return new Figures(
        storms + more.storms,
        all,
        sessions + more.sessions,
        subscriptions + more.subscriptions,
        sends + more.sends,
        turns + more.turns,
        frames + more.frames,
        events + more.events,
        join(violations, more.violations));
  }

  Figures with(List<String> moreViolations) {
    return new Figures(
        storms,
        strikes,
        sessions,
        subscriptions,
        sends,
        turns,
        frames,
        events,
        join(violations, moreViolations));
  }

  /// All of it in one line.
  @Override
  public String toString() {
    int rounds = strikes.values().stream().mapToInt(Integer::intValue).sum();
    String kinds =
        strikes.entrySet().stream()
            .map(e -> e.getKey().told() + " " + e.getValue())
            .collect(Collectors.joining(", "));
    return ("%d storms, %d rounds (%s), %d sessions, %d subscriptions, %d sends, %d turns,"
            + " %d frames, %d events received, %d violations")
        .formatted(
            storms,
            rounds,
            kinds,
            sessions,
            subscriptions,
            sends,
            turns,
            frames,
            events,
            violations.size());
  }

  private static List<String> join(List<String> some, List<String> more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }
}
