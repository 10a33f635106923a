package dev.parley.wire.rest;

import dev.parley.session.RefusedException;
import dev.parley.wire.Defects;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.vertx.http.runtime.RouteConstants;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.net.SocketException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The problems of what no resource sees: bodies that are too large, and whatever else fails on a
/// route of `/api`, and every upgrade that is refused ([RoutingContext#fail] with a status, or with
/// a [RefusedException], is enough for any route there).
@Singleton
final class HttpProblems {
  /// Between what adds the headers of CORS and the server's own check, which answers nothing but a
  /// status.
  private static final int ORDER_SIZE = RouteConstants.ROUTE_ORDER_UPLOAD_LIMIT - 1;

  /// After all routes, and before what answers failures with a page.
  private static final int ORDER_FAILURES = Integer.MAX_VALUE - 1;

  /// Answers that have to arrive: what is still on its way to a connection that was closed can take
  /// them away. Their bodies are thrown away as they come ([UnreadBodies]).
  private static final Set<Integer> WITHOUT_CLOSING =
      Set.of(HttpResponseStatus.UNAUTHORIZED.code(), HttpResponseStatus.FORBIDDEN.code());

  private final RestSettings settings;

  HttpProblems(RestSettings settings) {
    this.settings = settings;
  }

  void register(@Observes Router router) {
    Guarded.route(router).order(ORDER_SIZE).handler(this::checkSize);
    Guarded.route(router).order(ORDER_FAILURES).failureHandler(HttpProblems::answer);
    router.route().order(ORDER_FAILURES).failureHandler(HttpProblems::answerPathless);
  }

  /// An address that does not begin with a slash: the one a client can ask for of which Quarkus
  /// makes an error of the server's.
  private static void answerPathless(RoutingContext http) {
    @Nullable String path = http.request().path();
    if (path == null || !path.startsWith("/")) {
      answer(http);
    } else {
      http.next();
    }
  }

  private void checkSize(RoutingContext http) {
    String length = http.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null && Long.parseLong(length) > settings.requestBytesMax()) {
      http.fail(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE.code());
    } else {
      http.next();
    }
  }

  private static void answer(RoutingContext http) {
    HttpServerResponse response = http.response();
    if (response.headWritten()) {
      response.reset();
      return;
    }
    Response problem = problem(http.statusCode(), http.failure());
    response.setStatusCode(problem.getStatus());
    problem.getStringHeaders().forEach(response.headers()::set);
    if (!WITHOUT_CLOSING.contains(problem.getStatus())) {
      closeUnlessRead(http);
    }
    response.end((String) problem.getEntity());
  }

  private static Response problem(int status, @Nullable Throwable failure) {
    return switch (failure) {
      case UnauthenticatedException unknown -> Problems.of(unknown);
      case RefusedException refused -> Problems.of(refused.refusal());
      case HttpException http -> Problems.of(http.getStatusCode());
      case null -> Problems.of(status);
      // The client has gone: there is nobody to tell, and nothing that broke here.
      case SocketException _ -> Problems.of(status);
      case HttpClosedException _ -> Problems.of(status);
      default -> {
        if (status < HttpResponseStatus.INTERNAL_SERVER_ERROR.code()) {
          yield Problems.of(status);
        }
        Defects.log("A request", failure);
        yield Problems.of(status, Defects.TOLD);
      }
    };
  }

  /// What still comes of a body that nobody wants is not waited for.
  private static void closeUnlessRead(RoutingContext http) {
    HttpServerRequest request = http.request();
    if (!request.isEnded()) {
      if (request.version() != HttpVersion.HTTP_2) {
        http.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      }
      http.addEndHandler(_ -> UnreadBodies.cut(request));
    }
  }
}
