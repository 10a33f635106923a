package dev.parley.app;

import io.smallrye.config.WithDefault;
import java.time.Duration;

/// The settings of the wire, part of [ParleyConfig].
interface WireConfig {

  /// JSON that strangers send.
  interface JsonConfig {

    /// Levels of one message of a call, 8 to 128. What is accepted is stored inside objects of
    /// Parley's own and has to be read back.
    @WithDefault("128")
    int depthMax();
  }

  /// WebSockets, whatever is spoken on them.
  interface SocketConfig {

    /// Open connections of one address; the next one's upgrade is refused. So many that a house
    /// behind one address has room, so few that one machine cannot take them all.
    @WithDefault("10000")
    int connectionsPerAddressMax();

    /// Messages of one connection in a second; requests beyond are refused. A person's client says
    /// ten, a busy program some hundreds.
    @WithDefault("5000")
    int framesPerSecondMax();

    /// Messages that may come at once after a pause: a client that opens everything it has.
    @WithDefault("10000")
    int framesBurstMax();
  }

  /// Connections of Effect RPC.
  interface RpcConfig {

    /// Calls and streams in flight on one connection.
    @WithDefault("256")
    int callsMax();

    /// Of them streams. Fewer, so that a turn can be stopped when all streams are open.
    @WithDefault("250")
    int streamsMax();

    /// Messages that cannot be read, before the connection is closed: a client that goes on so long
    /// speaks something else.
    @WithDefault("100")
    int garbageMax();

    /// Characters of an answer that a client wants in one piece (JSON over HTTP): it is kept in
    /// memory until it ends.
    @WithDefault("8388608")
    int gatheredCharsMax();

    /// How long the body of a POST may take to arrive, however steadily it drips.
    @WithDefault("30s")
    Duration bodyTimeout();

    /// Bytes of one line. Content may have 1 MiB; JSON can make it longer.
    @WithDefault("2097152")
    int lineBytesMax();

    /// Characters that wait behind a write to one connection: beyond, its client does not read, and
    /// the connection is closed.
    @WithDefault("33554432")
    int unwrittenCharsMax();

    /// Between two pings of the server, and between two signs of life of a silent HTTP response.
    @WithDefault("15s")
    Duration pingInterval();

    /// How long a connection may send nothing at all after a ping.
    @WithDefault("10s")
    Duration pongTimeout();
  }

  /// Clients that know threads only: the thread protocol and the UI message stream.
  interface ChatConfig {

    /// Whose a thread is that is named without its user.
    @WithDefault("anonymous")
    String defaultUser();

    /// Which agent answers in it.
    @WithDefault("demo")
    String defaultAgent();
  }

  /// Connections of the thread protocol. Pings, the size of a frame and what may wait to be written
  /// are those of `parley.rpc`.
  interface ThreadConfig {

    /// Messages under way on one connection; each holds a subscription.
    @WithDefault("64")
    int requestsMax();
  }
}
