package dev.parley.store;

import dev.parley.content.ChatStreamEvent;
import dev.parley.content.ChatStreamEvent.Content;
import dev.parley.content.JsonText;
import dev.parley.content.MessageId;
import dev.parley.session.Command;
import dev.parley.session.Command.WhenBusy;
import dev.parley.session.SessionState;
import dev.parley.store.json.CanonicalJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A session to which anything happens, decided by a seed.
final class RandomStory {
  private final Story story;
  private final Random random;
  private int sends;
  private int spent;

  RandomStory(Story story, long seed) {
    this.story = story;
    this.random = new Random(seed);
  }

  /// The first creates the session; the others hold up to three commands each, and at times a
  /// snapshot. Appends that would write nothing are left out.
  List<Append> appends(int count) {
    List<Append> appends = new ArrayList<>();
    appends.add(story.next(story.create(random.nextBoolean() ? "Title" : null)));
    for (int i = 1; i < count; i++) {
      List<Command> commands =
          IntStream.rangeClosed(0, random.nextInt(3)).mapToObj(_ -> command()).toList();
      Append append = story.nextOfAccepted(random.nextInt(8) == 0, commands);
      if (!append.events().isEmpty() || !append.frames().isEmpty()) {
        appends.add(append);
      }
    }
    return appends;
  }

  private Command command() {
    return switch (random.nextInt(15)) {
      case 0, 1, 2 -> story.send("text " + ++sends, whenBusy(), clientId());
      case 3, 4, 5, 6 -> story.say(List.of(content(), content()));
      case 7 -> story.spend(++spent);
      case 8 -> story.done();
      case 9 -> random.nextBoolean() ? story.fail() : story.recover();
      case 10 -> story.interrupt(random.nextBoolean());
      case 11 ->
          random.nextInt(20) == 0
              ? story.delete()
              : story.regenerate(random.nextInt(6), random.nextBoolean(), clientId());
      case 12 ->
          switch (random.nextInt(3)) {
            case 0 -> story.rename("Title " + random.nextInt(3));
            case 1 -> story.touch();
            default -> story.renew();
          };
      case 13 -> story.goOn();
      default -> story.dequeue(waiting());
    };
  }

  private WhenBusy whenBusy() {
    return switch (random.nextInt(4)) {
      case 0 -> WhenBusy.INTERRUPT;
      case 1 -> WhenBusy.ROLLBACK;
      case 2 -> WhenBusy.REJECT;
      default -> WhenBusy.QUEUE;
    };
  }

  private @Nullable String clientId() {
    return random.nextBoolean() ? "client-" + random.nextInt(40) : null;
  }

  private Content content() {
    String id = Integer.toString(random.nextInt(2));
    return switch (random.nextInt(8)) {
      case 0 -> new ChatStreamEvent.TextStart(id);
      case 1 -> new ChatStreamEvent.TextEnd(id);
      case 2 -> new ChatStreamEvent.ReasoningDelta(id, "thinks 😀 ");
      case 3 ->
          new ChatStreamEvent.ToolInputAvailable(id, "tool", CanonicalJson.of("{\"a\": 1.50}"));
      case 4 -> new ChatStreamEvent.ToolOutputAvailable(id, new JsonText("null"), false);
      default -> new ChatStreamEvent.TextDelta(id, "wörd\u0000 ");
    };
  }

  private MessageId waiting() {
    return story.state() instanceof SessionState.Present present
            && !present.core().queue().isEmpty()
        ? present.core().queue().getLast().message().id()
        : new MessageId("none");
  }
}
