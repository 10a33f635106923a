package dev.parley.app;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(PostgresResource.class)
final class ApplicationStartTest {
  @Test
  void isReadyOnceItsDatabaseAnswers() {
    get("/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
  }

  @Test
  void servesMetrics() {
    get("/q/metrics").then().statusCode(200).body(containsString("jvm_"));
  }

  @Test
  void countsAMethodOfAClientsOwnUnderACommonName() {
    RestAssured.request("CHOSENBYACLIENT", "/nowhere").then().statusCode(404);
    get("/q/metrics")
        .then()
        .body(containsString("method=\"_OTHER\""))
        .body(not(containsString("CHOSENBYACLIENT")));
  }
}
