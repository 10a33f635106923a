package dev.parley.store.json;

import dev.parley.content.ChatStreamEvent;
import dev.parley.session.Frame;
import dev.parley.session.TurnId;
import dev.parley.store.EncodedFrame;
import dev.parley.wire.call.JsonLimits;
import dev.parley.wire.rpc.codec.RpcId;
import dev.parley.wire.rpc.codec.RpcMessage;
import dev.parley.wire.rpc.codec.RpcReader;
import dev.parley.wire.rpc.codec.RpcWriter;
import dev.parley.wire.rpc.codec.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What a token's JSON costs on its way: written once, found again by whoever joins it, wrapped for
/// each client; and read, where somebody wants to know what it says.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private final Frame frame =
      new Frame.StreamEvent(
          new TurnId("01ARZ3NDEKTSV4RRFFQ69G5FAV"), new ChatStreamEvent.TextDelta("t1", "word "));
  private final String json = FrameJson.encode(100, frame);
  private final EncodedFrame stored = EncodedFrame.stored(100, json);
  private final RpcId id = new RpcId(true, "7");
  private final RpcReader reader = new RpcReader(JsonLimits.DEFAULTS);
  private final byte[] ack =
      "{\"_tag\":\"Ack\",\"requestId\":7}\n".getBytes(StandardCharsets.UTF_8);
  private final byte[] request =
      "{\"_tag\":\"Request\",\"id\":8,\"tag\":\"chat.send\",\"payload\":{\"sessionId\":\"ann:demo:t1\",\"content\":\"Hello, what is new?\"},\"headers\":[]}\n"
          .getBytes(StandardCharsets.UTF_8);

  @Benchmark
  public String encodeFrame() {
    return FrameJson.encode(100, frame);
  }

  @Benchmark
  public Frame decodeFrame() {
    return FrameJson.decode(json);
  }

  @Benchmark
  public @Nullable DeltaText findDelta() {
    return DeltaText.of(json);
  }

  @Benchmark
  public String wrapForOneClient() {
    return RpcWriter.chunk(id, List.of(stored.json()));
  }

  @Benchmark
  public List<RpcMessage> readAck() {
    return reader.read(Serialization.NDJSON, ack);
  }

  @Benchmark
  public List<RpcMessage> readSend() {
    return reader.read(Serialization.NDJSON, request);
  }
}
