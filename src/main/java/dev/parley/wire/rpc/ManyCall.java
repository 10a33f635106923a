package dev.parley.wire.rpc;

import dev.parley.wire.call.Answer;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.RpcMessage;
import dev.parley.wire.rpc.codec.RpcWriter;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// A call that is answered by a stream. Asks for the next values when the last ones have gone.
final class ManyCall extends InFlight implements MultiSubscriber<List<String>> {
  private final Answer.Many answer;
  private final Carrier carrier;
  private Flow.@Nullable Subscription upstream;
  private boolean unwritten;
  private boolean unacknowledged;

  ManyCall(Owner owner, RpcMessage.Request request, Answer.Many answer, Carrier carrier) {
    super(owner, request);
    this.answer = answer;
    this.carrier = carrier;
  }

  @Override
  String about() {
    return answer.about();
  }

  @Override
  void start() {
    answer.batches().subscribe().withSubscriber(this);
  }

  @Override
  void cancel() {
    if (upstream != null) {
      upstream.cancel();
    }
  }

  @Override
  boolean acknowledged() {
    boolean asked = unacknowledged;
    if (asked) {
      unacknowledged = false;
      next();
    }
    return asked;
  }

  private void next() {
    if (!unwritten && !unacknowledged && upstream != null && owner.isOpen(this)) {
      upstream.request(1);
    }
  }

  private void send(List<String> values) {
    if (owner.isOpen(this)) {
      unwritten = true;
      unacknowledged = carrier == Carrier.SOCKET;
      owner.chunk(this, RpcWriter.chunk(request.id(), values), this::written);
    }
  }

  private void written() {
    unwritten = false;
    next();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    owner.run(() -> {
      upstream = subscription;
      if (owner.isOpen(this)) {
        next();
      } else {
        subscription.cancel();
      }
    });
  }

  @Override
  public void onItem(List<String> values) {
    owner.run(() -> send(values));
  }

  @Override
  public void onFailure(Throwable failure) {
    owner.run(() -> owner.failed(this, failure));
  }

  @Override
  public void onCompletion() {
    owner.run(() -> owner.succeeded(this, "null"));
  }
}
