package dev.parley.wire.rest;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pages of another site, with the settings that docs/operations.md tells to make.
@QuarkusTest
@WithTestResource(PostgresResource.class)
@TestProfile(CorsTest.Allowed.class)
class CorsTest {
  private static final String SITE = "https://chat.example";

  /// One site is allowed.
  public static final class Allowed implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "quarkus.http.cors.enabled", "true",
          "quarkus.http.cors.origins", SITE,
          "quarkus.http.cors.methods", "GET,POST,PATCH,DELETE",
          "quarkus.http.cors.headers", "content-type,accept,last-event-id",
          "quarkus.http.cors.exposed-headers", "location,retry-after",
          "quarkus.http.cors.access-control-max-age", "1H");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/api/sessions, POST",
    "/api/sessions/ann:demo:t1, PATCH",
    "/api/sessions/ann:demo:t1, DELETE",
    "/api/sessions/ann:demo:t1/messages, POST",
    "/api/rpc, POST",
  })
  void allowsTheSiteItIsToldTo(String path, String method) {
    given()
        .header("Origin", SITE)
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "content-type")
        .options(path)
        .then()
        .statusCode(200)
        .header("access-control-allow-origin", equalTo(SITE))
        .header("access-control-allow-methods", containsString(method))
        .header("access-control-allow-headers", containsString("content-type"))
        .header("access-control-max-age", equalTo("3600"));
  }

  @ParameterizedTest
  @CsvSource({"/api/sessions", "/api/rpc"})
  void allowsNoOther(String path) {
    given()
        .header("Origin", "https://other.example")
        .header("Access-Control-Request-Method", "POST")
        .options(path)
        .then()
        .header("access-control-allow-origin", nullValue());
  }

  @Test
  void showsTheSiteWhatItMayRead() {
    given()
        .header("Origin", SITE)
        .get("/api/sessions/ann:demo:none")
        .then()
        .statusCode(404)
        .header("access-control-allow-origin", equalTo(SITE))
        .header("access-control-expose-headers", containsString("location"))
        .header("access-control-expose-headers", containsString("retry-after"));
    given()
        .header("Origin", SITE)
        .body("{\"_tag\":\"Ping\"}\n")
        .post("/api/rpc")
        .then()
        .statusCode(200)
        .header("access-control-allow-origin", equalTo(SITE));
    given()
        .header("Origin", SITE)
        .header("Content-Type", "application/json")
        .body(" ".repeat(3 * 1024 * 1024))
        .post("/api/sessions")
        .then()
        .statusCode(413)
        .header("access-control-allow-origin", equalTo(SITE));
  }
}
