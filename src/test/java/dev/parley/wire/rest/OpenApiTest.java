package dev.parley.wire.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.parley.testing.Contract;
import dev.parley.testing.PostgresResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The document at `/q/openapi`.
@QuarkusTest
@WithTestResource(PostgresResource.class)
class OpenApiTest {
  private static final Path DOCUMENT = Contract.FOLDER.resolve("openapi.yaml");
  private static final String REFRESH = "contract.refresh";
  private static final ObjectMapper YAML = new YAMLMapper();

  private static String served() {
    return given().get("/q/openapi").then().statusCode(200).extract().asString();
  }

  @Test
  void isTheOneInDocs() throws IOException {
    if (Boolean.getBoolean(REFRESH)) {
      Files.writeString(DOCUMENT, served());
    }
    assertThat(served())
        .as(
            "%s is no longer what is served; refresh it: ./mvnw test -Dtest=OpenApiTest -D%s=true",
            DOCUMENT, REFRESH)
        .isEqualTo(Files.readString(DOCUMENT));
  }

  @Test
  void hasTheSchemasOfTheContract() throws IOException {
    JsonNode schemas = YAML.readTree(served()).path("components").path("schemas");
    String definitions =
        Contract.definitions().toString().replace("#/$defs/", "#/components/schemas/");
    assertThat(schemas).isEqualTo(Contract.read(definitions));
  }

  @Test
  void saysOfEveryOperationWhatItTakesAndAnswers() throws IOException {
    JsonNode document = YAML.readTree(served());
    document
        .path("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation -> {
                  JsonNode told = operation.getValue();
                  assertThat(told.path("responses").path("default").path("content").fieldNames())
                      .toIterable()
                      .as("%s %s", operation.getKey(), path.getKey())
                      .containsExactly(Problems.MEDIA_TYPE);
                  assertThat(told.path("responses").properties())
                      .hasSizeGreaterThanOrEqualTo(2)
                      .filteredOn(response -> !response.getKey().equals("204"))
                      .allSatisfy(response ->
                          assertThat(response.getValue().path("content").findValues("$ref"))
                              .as("%s %s %s", operation.getKey(), path.getKey(), response.getKey())
                              .isNotEmpty());
                }));
    assertThat(document.findValuesAsText("$ref"))
        .allSatisfy(ref ->
            assertThat(document.at(JsonPointer.compile(ref.substring(1))).isMissingNode())
                .as(ref)
                .isFalse());
  }
}
