package dev.parley.wire.ui;

import dev.parley.content.ChatStreamEvent;
import dev.parley.wire.Defects;
import dev.parley.wire.call.RefusalJson;
import dev.parley.wire.sse.SseResponse;
import dev.parley.wire.turn.TurnEnd;
import dev.parley.wire.turn.TurnFollower;
import java.util.List;

/// One turn, told to one client of the transport. On the request's context.
final class UiStream implements TurnFollower.Listener {
  private static final String DONE = SseResponse.event("[DONE]");

  private final SseResponse response;

  /// The stream has its last part.
  private boolean closed;

  UiStream(SseResponse response) {
    this.response = response;
  }

  @Override
  public void said(List<ChatStreamEvent> events, Runnable taken) {
    StringBuilder parts = new StringBuilder();
    for (ChatStreamEvent event : events) {
      parts.append(SseResponse.event(UiParts.of(event)));
      closed |=
          event instanceof ChatStreamEvent.Finish
              || event instanceof ChatStreamEvent.Abort
              || event instanceof ChatStreamEvent.Error;
    }
    response.send(parts.toString(), taken);
  }

  @Override
  public void ended(TurnEnd end) {
    response.end(
        switch (end) {
          case TurnEnd _ when closed -> DONE;
          case TurnEnd.Stopped _ -> DONE;
          case TurnEnd.Removed _ -> last(UiParts.abort("The message was taken out of the queue."));
          case TurnEnd.Deleted _ -> last(UiParts.abort("The chat was deleted."));
          case TurnEnd.Refused(var refusal) -> last(UiParts.error(RefusalJson.detail(refusal)));
          case TurnEnd.Broken _ -> last(UiParts.error(Defects.TOLD));
        });
  }

  private static String last(String part) {
    return SseResponse.event(part) + DONE;
  }
}
