package dev.parley.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.agent.Agent;
import dev.parley.agent.AgentContext;
import dev.parley.agent.AgentEvent;
import dev.parley.content.ChatStreamEvent.TextDelta;
import dev.parley.content.TurnOutput;
import dev.parley.session.ClientMessageId;
import dev.parley.session.UserMessage;
import dev.parley.store.CommitLane;
import dev.parley.store.CommitLane.CommitFailure;
import dev.parley.store.CommitListener;
import dev.parley.store.EncodedFrame;
import dev.parley.store.Outbox;
import dev.parley.store.PreparedAppend;
import dev.parley.store.StoreUnavailableException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The simulation can fail: whichever part breaks its promise is found out, and for what it does.
class BrokenPartsTest {
  private static final int SEEDS_MAX = 400;

  private final Defects defects = new Defects();

  @AfterEach
  void stopListening() {
    defects.close();
  }

  /// Runs until everything that the broken part does has been reported.
  private static void assertFinds(Parts broken, String... found) {
    List<String> missing = new ArrayList<>(Arrays.asList(found));
    for (long seed = 1; seed <= SEEDS_MAX && !missing.isEmpty(); seed++) {
      List<String> violations = new Simulation(seed, broken, new Figures(), false).run();
      missing.removeIf(what -> violations.stream().anyMatch(v -> v.contains(what)));
    }
    assertThat(missing).as("what was not found out").isEmpty();
  }

  @Test
  void findsDeliveryBeforeTheCommit() {
    assertFinds(
        new Parts() {
          @Override
          public CommitLane lane(CommitLane real, CommitListener listener) {
            return batch -> {
              batch.stream()
                  .filter(append -> !append.frames().isEmpty())
                  .forEach(append -> listener.committed(append.append().sid(), append.frames()));
              return real.commit(batch);
            };
          }
        },
        "is sent before it is durable",
        "was seen and is not stored");
  }

  @Test
  void findsAnswersBeforeTheCommit() {
    assertFinds(
        new Parts() {
          @Override
          public CommitLane lane(CommitLane real, CommitListener listener) {
            return batch -> {
              real.commit(batch).subscribe().with(_ -> {}, _ -> {});
              return Uni.createFrom().item(sids(batch));
            };
          }
        },
        "answered and not stored: sent",
        "answered and not stored: created",
        "answered and not stored: ended");
  }

  @Test
  void findsALostAnswerThatIsTakenForARefusal() {
    assertFinds(
        new Parts() {
          @Override
          public CommitLane lane(CommitLane real, CommitListener listener) {
            return batch ->
                real.commit(batch)
                    .onFailure(StoreUnavailableException.class)
                    .transform(_ -> new CommitFailure(CommitFailure.Remedy.BISECT, "22000"));
          }
        },
        "was refused and is stored");
  }

  @Test
  void findsACommitThatIsTakenForApplied() {
    assertFinds(
        new Parts() {
          @Override
          public CommitLane lane(CommitLane real, CommitListener listener) {
            return batch ->
                real.commit(batch)
                    .onFailure(StoreUnavailableException.class)
                    .recoverWithItem(sids(batch));
          }
        },
        "answered and not stored",
        "is sent before it is durable");
  }

  @Test
  void findsAFrameThatIsSkipped() {
    assertFinds(
        new OutboxParts() {
          @Override
          List<EncodedFrame> page(List<EncodedFrame> page) {
            List<EncodedFrame> gappy = new ArrayList<>(page);
            if (gappy.size() > 2) {
              gappy.remove(1);
            }
            return gappy;
          }
        },
        "a gap: after ");
  }

  @Test
  void findsAFrameThatComesTwice() {
    assertFinds(
        new OutboxParts() {
          @Override
          List<EncodedFrame> page(List<EncodedFrame> page) {
            List<EncodedFrame> doubled = new ArrayList<>(page);
            if (!doubled.isEmpty()) {
              doubled.addFirst(doubled.getFirst());
            }
            return doubled;
          }
        },
        "a double: after ");
  }

  @Test
  void findsPositionsThatAreNotReported() {
    assertFinds(
        new OutboxParts() {
          @Override
          boolean reports() {
            return false;
          }
        },
        "is delivered up to 0");
  }

  @Test
  void findsAStoreThatLetsAFormerOwnerWrite() {
    assertFinds(
        new Parts() {
          @Override
          public boolean asksForOwner() {
            return false;
          }
        },
        "and its owner has");
  }

  @Test
  void findsAWakeThatNobodyGives() {
    assertFinds(
        new Parts() {
          private int count;

          @Override
          public CommitListener listener(CommitListener real) {
            return (sid, frames) -> {
              if (++count % 5 != 0) {
                real.committed(sid, frames);
              }
            };
          }
        },
        "was never told of frame");
  }

  @Test
  void findsSessionsThatNobodyTakesUp() {
    assertFinds(
        new Parts() {
          @Override
          public boolean recovers() {
            return false;
          }
        },
        "the world does not come to rest, unfinished are [session");
  }

  @Test
  void findsACallThatIsCarriedOutTwice() {
    assertFinds(
        new Parts() {
          private final AtomicInteger calls = new AtomicInteger();

          @Override
          public ClientMessageId name(ClientMessageId given) {
            return new ClientMessageId(given.value() + "-" + calls.incrementAndGet());
          }
        },
        "two calls were answered: first c",
        "and then with");
  }

  @Test
  void findsATokenThatIsLostOnItsWayFromTheAgent() {
    assertFinds(
        new Parts() {
          @Override
          public Agent agent(Agent real) {
            return new Mumbling(real);
          }
        },
        "was asked to count");
  }

  @Test
  void findsMemoryThatGrowsBeyondItsBounds() {
    assertFinds(
        new Parts() {
          @Override
          public int size() {
            return 10;
          }
        },
        "has let in",
        "could say",
        "came out of a ring that has taken in",
        "values together");
  }

  private static Set<Long> sids(List<PreparedAppend> batch) {
    return batch.stream().map(append -> append.append().sid()).collect(Collectors.toSet());
  }

  /// A delivery that reads the wrong thing.
  private abstract static class OutboxParts implements Parts {
    List<EncodedFrame> page(List<EncodedFrame> page) {
      return page;
    }

    boolean reports() {
      return true;
    }

    @Override
    public Outbox outbox(Outbox real) {
      return new Outbox() {
        @Override
        public Uni<List<EncodedFrame>> frames(
            long sid, long afterSeq, int framesMax, int bytesMax) {
          return real.frames(sid, afterSeq, framesMax, bytesMax).map(OutboxParts.this::page);
        }

        @Override
        public Uni<Map<Long, Long>> heads(Collection<Long> sids) {
          return real.heads(sids);
        }

        @Override
        public Uni<Void> delivered(Map<Long, Long> seqs) {
          return reports() ? real.delivered(seqs) : Uni.createFrom().voidItem();
        }
      };
    }
  }

  /// Swallows a word.
  private record Mumbling(Agent agent) implements Agent {
    @Override
    public Multi<AgentEvent> answer(AgentContext context) {
      return agent
          .answer(context)
          .filter(event ->
              !(event instanceof AgentEvent.Said(TextDelta(_, String word)) && word.equals("3 ")));
    }

    @Override
    public boolean canResume(UserMessage input, TurnOutput said) {
      return agent.canResume(input, said);
    }

    @Override
    public Multi<AgentEvent> resume(AgentContext context, TurnOutput said) {
      return agent.resume(context, said);
    }
  }
}
