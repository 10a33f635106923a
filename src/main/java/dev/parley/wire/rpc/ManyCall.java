package dev.parley.wire.rpc;

import dev.parley.wire.call.Answer;
import dev.parley.wire.rpc.Manner.Carrier;
import dev.parley.wire.rpc.codec.RpcMessage;
import dev.parley.wire.rpc.codec.RpcWriter;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// A call that is answered by a stream. Asks for the next values when the last ones have gone.
final class ManyCall extends InFlight implements MultiSubscriber<Answer.Batch> {
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

  private void send(Answer.Batch batch) {
    if (owner.isOpen(this)) {
      unwritten = true;
      unacknowledged = carrier == Carrier.SOCKET;
      owner.chunk(this, RpcWriter.chunk(request.id(), batch.values()), () -> written(batch));
    }
  }

  private void written(Answer.Batch batch) {
    unwritten = false;
    if (batch.committedNanos() != null) {
      owner.delivered(batch.committedNanos());
    }
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
  public void onItem(Answer.Batch batch) {
    owner.run(() -> send(batch));
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
