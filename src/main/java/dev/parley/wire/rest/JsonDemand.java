package dev.parley.wire.rest;

import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.Locale;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/// What is posted says that it is JSON, even where there is nothing to say in it.
///
/// A browser posts a form to any site without asking, and with the credentials it has for it, but
/// only as a form or as plain text; for JSON, and for methods other than POST, it asks the site
/// first, and is not allowed.
public final class JsonDemand {
  @ServerRequestFilter
  public void check(ContainerRequestContext request) {
    if (request.getMethod().equals("POST")
        && !isJson(request.getHeaderString(HttpHeaders.CONTENT_TYPE))) {
      throw new NotSupportedException();
    }
  }

  private static boolean isJson(@Nullable String contentType) {
    return contentType != null
        && contentType
            .split(";", 2)[0]
            .strip()
            .toLowerCase(Locale.ROOT)
            .equals(MediaType.APPLICATION_JSON);
  }
}
