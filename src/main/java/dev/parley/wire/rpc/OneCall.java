package dev.parley.wire.rpc;

import dev.parley.wire.call.Answer;
import dev.parley.wire.rpc.codec.RpcMessage;
import io.smallrye.mutiny.subscription.Cancellable;
import org.jspecify.annotations.Nullable;

/// A call that has one answer.
final class OneCall extends InFlight {
  private final Answer.One answer;
  private @Nullable Cancellable running;

  OneCall(Owner owner, RpcMessage.Request request, Answer.One answer) {
    super(owner, request);
    this.answer = answer;
  }

  @Override
  String about() {
    return answer.about();
  }

  @Override
  void start() {
    running =
        answer
            .json()
            .subscribe()
            .with(
                json -> owner.run(() -> owner.succeeded(this, json)),
                failure -> owner.run(() -> owner.failed(this, failure)));
  }

  @Override
  void cancel() {
    if (running != null) {
      running.cancel();
    }
  }

  @Override
  boolean acknowledged() {
    return false;
  }
}
