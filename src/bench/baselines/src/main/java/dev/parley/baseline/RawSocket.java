package dev.parley.baseline;

import io.quarkus.websockets.next.OnTextMessage;
import io.quarkus.websockets.next.WebSocket;
import io.smallrye.mutiny.Multi;
import java.util.concurrent.atomic.AtomicLong;

/// Tokens from memory to a socket: no store, no session, no resume. What a message costs at least.
@WebSocket(path = "/raw")
public class RawSocket {
  @OnTextMessage
  Multi<String> stream(String request) {
    AtomicLong seq = new AtomicLong();
    return Multi.createBy()
        .concatenating()
        .streams(
            Tokens.of(request).map(token -> Tokens.chunk(seq.incrementAndGet(), token)),
            Multi.createFrom().item(Tokens.END));
  }
}
