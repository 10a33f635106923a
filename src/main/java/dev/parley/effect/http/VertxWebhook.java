package dev.parley.effect.http;

import dev.parley.effect.discrete.Webhook;
import io.netty.channel.ConnectTimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Webhooks by the HTTP client of Vert.x: HTTP/1.1, connections kept and bounded, certificates
/// checked against the JDK's and the name of the host.
public final class VertxWebhook implements Webhook {
  /// Of an answer's body, which is ignored: more than so much is not worth reading for the sake of
  /// the connection.
  private static final int IGNORED_BYTES_MAX = 64 * 1024;

  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final HttpClient client;

  /// @param connectionsMax to one server
  public VertxWebhook(Vertx vertx, int connectionsMax) {
    this.vertx = vertx;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setMaxPoolSize(connectionsMax).setVerifyHost(true));
  }

  /// Everything of a post happens on the context that it is asked for on.
  @Override
  public Uni<Answer> post(Post post) {
    return Uni.createFrom()
        .emitter(emitter -> {
          Context context = vertx.getOrCreateContext();
          Exchange exchange = new Exchange(post, emitter);
          emitter.onTermination(() -> context.runOnContext(_ -> exchange.abandon()));
          context.runOnContext(_ -> exchange.start());
        });
  }

  /// One post and its answer.
  private final class Exchange {
    private final Post post;
    private final UniEmitter<? super Answer> caller;
    private @Nullable HttpClientRequest request;
    private long timer = NO_TIMER;

    /// The caller has its answer, or wants none.
    private boolean answered;

    /// Nothing is to come any more.
    private boolean over;

    private int ignoredBytes;

    Exchange(Post post, UniEmitter<? super Answer> caller) {
      this.post = post;
      this.caller = caller;
    }

    void start() {
      if (over) {
        return;
      }
      timer = vertx.setTimer(post.timeout().toMillis(), _ -> late());
      RequestOptions options =
          new RequestOptions()
              .setMethod(HttpMethod.POST)
              .setAbsoluteURI(post.url().toString())
              .setFollowRedirects(false)
              .setConnectTimeout(post.timeout().toMillis());
      post.headers().forEach(options::addHeader);
      client.request(options).onSuccess(this::connected).onFailure(this::failed);
    }

    private void connected(HttpClientRequest opened) {
      if (over) {
        reset(opened);
        return;
      }
      request = opened;
      opened.send(Buffer.buffer(post.body())).onSuccess(this::responded).onFailure(this::failed);
    }

    private void responded(HttpClientResponse response) {
      response.exceptionHandler(_ -> end());
      response.endHandler(_ -> end());
      response.handler(this::ignore);
      answer(new Answer.Status(response.statusCode()));
    }

    /// The rest of the answer is read so that the connection can serve again, as long as that is
    /// cheap.
    private void ignore(Buffer bytes) {
      ignoredBytes += bytes.length();
      if (ignoredBytes > IGNORED_BYTES_MAX) {
        drop();
      }
    }

    private void failed(Throwable failure) {
      answer(new Answer.None(reason(failure)));
      end();
    }

    private void late() {
      answer(new Answer.None("timed out"));
      drop();
    }

    /// The caller has ended: with its answer, or because it wants none.
    void abandon() {
      if (!answered) {
        answered = true;
        drop();
      }
    }

    private void answer(Answer answer) {
      if (!answered) {
        answered = true;
        caller.complete(answer);
      }
    }

    private void drop() {
      if (!over) {
        end();
        if (request != null) {
          reset(request);
        }
      }
    }

    private void end() {
      over = true;
      boolean _ = vertx.cancelTimer(timer);
    }
  }

  private static void reset(HttpClientRequest request) {
    boolean _ = request.reset();
  }

  private static String reason(Throwable failure) {
    return switch (failure) {
      case UnknownHostException _ -> "unknown host";
      case ConnectTimeoutException _ -> "timed out";
      case ConnectException _ -> "connection refused";
      case SSLException _ -> "TLS failed";
      case IOException _, HttpClosedException _, StreamResetException _ -> "connection lost";
      default -> "failed with " + failure.getClass().getSimpleName();
    };
  }
}
