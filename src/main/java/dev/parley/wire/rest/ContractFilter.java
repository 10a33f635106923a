package dev.parley.wire.rest;

import static org.eclipse.microprofile.openapi.OASFactory.createAPIResponse;
import static org.eclipse.microprofile.openapi.OASFactory.createComponents;
import static org.eclipse.microprofile.openapi.OASFactory.createContent;
import static org.eclipse.microprofile.openapi.OASFactory.createMediaType;
import static org.eclipse.microprofile.openapi.OASFactory.createRequestBody;
import static org.eclipse.microprofile.openapi.OASFactory.createSchema;
import static org.eclipse.microprofile.openapi.OASFactory.createSecurityRequirement;
import static org.eclipse.microprofile.openapi.OASFactory.createSecurityScheme;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import io.smallrye.openapi.api.SmallRyeOpenAPI;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/// Completes the OpenAPI document while Parley is built: its schemas are those of the contract, and
/// an operation whose id is a call's tag takes and answers what that call does. So nothing of it is
/// said twice.
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class ContractFilter implements OASFilter {
  private static final String CONTRACT = "/META-INF/contract/parley.schema.json";
  private static final String DEFINITIONS = "\"$defs\":";
  private static final String BEARER = "bearer";
  private static final String REF = "#/components/schemas/";

  /// What the call names otherwise than the address does.
  private static final Map<String, String> NAMES =
      Map.of("id", "sessionId", "after", "afterMessageId", "before", "beforeMessageId");

  /// A call, as the contract tells it.
  private record Told(Schema payload, Schema success) {}

  @Override
  public void filterOpenAPI(OpenAPI api) {
    Map<String, Schema> schemas = contract();
    Map<String, Told> calls = calls(schemas);
    api.setComponents(
        createComponents()
            .schemas(schemas)
            .addSecurityScheme(
                BEARER,
                createSecurityScheme()
                    .type(SecurityScheme.Type.HTTP)
                    .scheme(BEARER)
                    .bearerFormat("JWT")
                    .description("Demanded where parley.auth is jwt.")));
    api.setSecurity(
        List.of(createSecurityRequirement(), createSecurityRequirement().addScheme(BEARER)));
    api.getPaths()
        .getPathItems()
        .forEach((path, item) ->
            item.getOperations()
                .forEach((method, operation) -> {
                  Told call = calls.get(operation.getOperationId());
                  if (call != null) {
                    describe(schemas, method, operation, call);
                  }
                  operation.getResponses().setDefaultValue(problem());
                }));
  }

  /// The contract's schemas, at their place in a document of OpenAPI, whose dialect is theirs.
  private static Map<String, Schema> contract() {
    try (InputStream stream = ContractFilter.class.getResourceAsStream(CONTRACT)) {
      String text =
          new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8)
              .replace("#/$defs/", REF);
      String definitions = text.substring(text.indexOf(DEFINITIONS) + DEFINITIONS.length());
      byte[] document =
          ("{\"openapi\":\"3.1.0\",\"components\":{\"schemas\":" + definitions + "}")
              .getBytes(StandardCharsets.UTF_8);
      return SmallRyeOpenAPI.builder()
          .withCustomStaticFile(() -> new ByteArrayInputStream(document))
          .enableModelReader(false)
          .enableStandardStaticFiles(false)
          .enableAnnotationScan(false)
          .enableStandardFilter(false)
          .build()
          .model()
          .getComponents()
          .getSchemas();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Told> calls(Map<String, Schema> schemas) {
    return found(schemas, "Call").getOneOf().stream()
        .map(Schema::getProperties)
        .collect(
            Collectors.toMap(
                call -> (String) Objects.requireNonNull(call.get("tag")).getConstValue(),
                call -> new Told(found(call, "payload"), found(call, "success"))));
  }

  private static void describe(
      Map<String, Schema> schemas, PathItem.HttpMethod method, Operation operation, Told call) {
    Schema payload = resolved(schemas, call.payload());
    // With a session in the address, the body need not name it: the payload without that demand.
    boolean extended = payload.getRef() != null;
    Schema whole = extended ? resolved(schemas, payload) : payload;
    List<Parameter> parameters = Objects.requireNonNullElse(operation.getParameters(), List.of());
    parameters.forEach(parameter -> describe(parameter, whole));
    if (List.of(PathItem.HttpMethod.POST, PathItem.HttpMethod.PATCH).contains(method)) {
      operation.setRequestBody(
          createRequestBody()
              .required(whole.getRequired() != null)
              .content(
                  content(
                      MediaType.APPLICATION_JSON,
                      extended ? payload.getRef() : call.payload().getRef())));
    }
    operation.getResponses().getAPIResponses().values().stream()
        .filter(response -> response.getContent() == null || isJson(response))
        .forEach(response ->
            response.setContent(content(MediaType.APPLICATION_JSON, call.success().getRef())));
  }

  private static boolean isJson(APIResponse response) {
    return response.getContent().hasMediaType(MediaType.APPLICATION_JSON);
  }

  private static void describe(Parameter parameter, Schema payload) {
    Map<String, Schema> properties = payload.getProperties();
    String name = parameter.getName();
    String field = properties.containsKey(name) ? name : NAMES.getOrDefault(name, name);
    parameter.setSchema(found(properties, field));
    if (parameter.getIn() == Parameter.In.QUERY
        && payload.getRequired() != null
        && payload.getRequired().contains(field)) {
      parameter.setRequired(true);
    }
  }

  private static APIResponse problem() {
    return createAPIResponse()
        .description("It was not carried out.")
        .content(content(Problems.MEDIA_TYPE, REF + "Problem"));
  }

  private static Content content(String mediaType, String ref) {
    return createContent()
        .addMediaType(mediaType, createMediaType().schema(createSchema().ref(ref)));
  }

  private static Schema resolved(Map<String, Schema> schemas, Schema reference) {
    return found(schemas, reference.getRef().substring(REF.length()));
  }

  private static Schema found(Map<String, Schema> schemas, String name) {
    return Objects.requireNonNull(schemas.get(name), name);
  }
}
